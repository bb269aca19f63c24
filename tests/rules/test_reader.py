"""The reader: readings of text questions, which words it takes as text, and what it leaves."""

from __future__ import annotations

import pytest

from vprog.rules.question_text import read_question
from vprog.rules.reader import Interpretation, NotRead, read
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        ("When does BRAVO TWO appear?", "When first: the text 'BRAVO TWO'."),
        ("Is the word entrance on the screen?", "Whether there are any: the text 'entrance'."),
        ("Is 'exit' visible?", "Whether there are any: the text 'exit'."),
        ("What does the coutner read at 5 s?", "What number is read in the picture at 0:05."),
        ("Wat does the sign say?", "What the sign says: the text in the picture."),
        (
            "Which appears first, Frame 7 or Frame 4?",
            "Which comes first: the text 'Frame 7', or the text 'Frame 4'.",
        ),
        (
            "What is the frame rate and how many frames has it?",
            "The frame rate: frames per second. And: How many frames the picture has.",
        ),
        (
            "How many cuts are there and when is the last one?",
            "How many there are: cuts. And: When number -1 is: cuts.",
        ),
    ],
)
def test_question_is_read_as(question: str, reading: str):
    understood = read(read_question(question, VIDEO), [])
    assert isinstance(understood, Interpretation), understood
    assert understood.draft.reading == reading


@pytest.mark.parametrize(
    "question",
    [
        "What does the text on the man's shirt say?",
        "What does the red text say?",
        "What year was this filmed?",
        "Is it HDR?",
        "Does the text rhyme?",
        "What is the smallest number shown at 5 s?",
        "When does the dog appear and when does it end?",
    ],
)
def test_question_of_other_words_is_no_question_of_text(question: str):
    understood = read(read_question(question, VIDEO), [])
    assert isinstance(understood, NotRead) or understood.fit.kind.family != "text"


def test_a_file_without_sound_makes_what_it_says_text():
    silent = read_question("What does it say?", VIDEO._replace(has_audio=False))
    understood = read(silent, [])
    assert isinstance(understood, Interpretation)
    assert "the file has no sound" in understood.draft.reading
