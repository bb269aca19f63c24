"""Comparing a question with wordings: no content word is passed over."""

from __future__ import annotations

import pytest

from vprog.rules.match_kind import Fit, fits
from vprog.rules.question_text import read_question
from vprog.rules.tokens import tokens_of
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


def _fits(question: str, video: Video = VIDEO) -> list[Fit]:
    return fits(tokens_of(question), read_question(question, video))


def _best(question: str, video: Video = VIDEO) -> Fit:
    return _fits(question, video)[0]


def test_order_and_grammar_do_not_matter():
    for question in ("how many cuts are there", "cuts how many", "number of cuts"):
        assert _best(question).kind.name == "cuts count"


def test_a_word_that_no_wording_has_is_left_over():
    assert _best("how many gribble cuts are there").left == ("gribble",)


def test_a_kind_is_no_reading_of_a_file_that_lacks_what_it_needs():
    assert _best("what does it say").kind.name == "it says"
    silent = VIDEO._replace(has_audio=False)
    assert _best("what does it say", silent).kind.name == "it says, without sound"


@pytest.mark.parametrize("question", ["what year is it", "what year was this filmed"])
def test_a_light_word_in_brackets_must_not_be_missing(question: str):
    named = [fit.kind.name for fit in _fits(question) if fit.share == 1.0]
    assert "year" not in named
    assert _best("what year is shown").kind.name == "year"
