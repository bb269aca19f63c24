"""Questions read by the likeness of their meaning to a wording."""

from __future__ import annotations

import pytest

from vprog.models.sentence_embedder import sentence_embedder
from vprog.rules import match_meaning
from vprog.rules.match_kind import Fit, fits
from vprog.rules.match_meaning import nearest
from vprog.rules.question_text import read_question
from vprog.rules.tokens import tokens_of
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)
pytestmark = pytest.mark.skipif(
    sentence_embedder() is None, reason="the sentence embedder is not installed"
)


def _nearest(text: str, video: Video = VIDEO) -> Fit | None:
    question = read_question(text, video)
    return nearest(question, fits(tokens_of(text), question))


def test_vectors_are_of_the_wordings_as_they_are():
    texts = match_meaning.shown_wordings()
    vectors = match_meaning._wordings().vectors
    sample = range(0, len(texts), 500)
    made = sentence_embedder().embed([texts[row] for row in sample])
    likeness = (made * vectors[list(sample)]).sum(axis=1)
    assert likeness.min() > 0.99


def test_a_word_that_changes_nothing_is_passed_over():
    fit = _nearest("when do we begin to see a picture that is chiefly green")
    assert fit is not None
    assert (fit.kind.name, fit.left) == ("background begins", ("chiefly",))
    assert fit.slots == {"colour": "green"}


def test_other_words_of_the_same_meaning_are_a_wording():
    fit = _nearest("when do we lose sight of the person")
    assert fit is not None
    assert (fit.kind.name, fit.slots["thing"]) == ("it leaves", "person")


@pytest.mark.parametrize(
    "text",
    [
        "why is the video so long",
        "is it black outside",
        "how many people are smiling",
        "is nobody but the host speaking",
        "how long is the red object visible",
        "how many frames hang on the wall",
        "what focal length was used for the first shot",
    ],
)
def test_a_word_that_is_about_something_else_is_not_passed_over(text: str):
    assert _nearest(text) is None


def test_what_a_file_lacks_is_not_asked_of_it():
    text = "do we get to hear speaking in it, truly"
    fit = _nearest(text)
    assert fit is not None
    assert fit.kind.name == "speech exists"
    assert _nearest(text, VIDEO._replace(has_audio=False)) is None
