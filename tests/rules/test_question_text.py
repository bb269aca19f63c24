"""How a question is taken apart."""

from __future__ import annotations

import pytest

from vprog.rules.question_text import read_question
from vprog.rules.tokens import QUOTE_MARK
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many shots are there?", "how many shots are there"),
        ("Please tell me how many shots there are.", "how many shots there are"),
        ("Could you kindly check whether it is cut?", "is it so that it is cut"),
        ("Could you list the cuts?", "list the cuts"),
        ("Can you see a face?", "can you see a face"),
        ("It is in colour, right?", "it is in colour"),
        ("In this video, what is said?", "what is said"),
        ("At 5 s, how many shots are there?", "time0mark, how many shots are there"),
    ],
)
def test_courtesies_are_taken_away(question: str, text: str):
    assert read_question(question, VIDEO).text == text


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("Is 'it is' said?", ("it is",)),
        ('Is "It\'s me" said?', ("It's me",)),
        ("Is “Hello” before ‘World’?", ("Hello", "World")),
        ("Is 'Hello' before \"World\"?", ("Hello", "World")),
        ("Is the dog's bone shown?", ()),
        ("Is quote7mark shown, or optionsmark?", ()),
        ("Don't you see it?", ()),
    ],
)
def test_quotes_keep_their_letters(question: str, quotes: tuple[str, ...]):
    read = read_question(question, VIDEO)
    assert read.quotes == quotes
    assert len(QUOTE_MARK.findall(read.text)) == len(quotes)
