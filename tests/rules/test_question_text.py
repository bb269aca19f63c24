"""How a question is taken apart."""

from __future__ import annotations

import pytest

from vprog.rules.question_text import QUOTE, read_question
from vprog.types import Video

VIDEO = Video(0, 30.0, 1280, 720, 25.0, 750, True, False)


@pytest.mark.parametrize(
    ("question", "ask", "rest"),
    [
        ("How many shots are there?", "count", "shots are there"),
        ("Please tell me how many shots there are.", "count", "shots there are"),
        ("What's the number of shots?", "count", "shots"),
        ("How long is it?", "how long", "is it"),
        ("What is the length of the clip?", "how long", "of the clip"),
        ("When does it start?", "when", "does it start"),
        ("At what time does it start?", "when", "does it start"),
        ("What time is shown?", "what", "time is shown"),
        ("Is there a cut?", "yes or no", "a cut"),
        ("Can you see a face?", "yes or no", "a face"),
        ("Can you hear a voice?", "yes or no", "you hear a voice"),
        ("Where is it?", "where", "is it"),
        ("Which way does it go?", "which way", "does it go"),
        ("In this video, what is said?", "what", "is said"),
    ],
)
def test_ask(question: str, ask: str, rest: str):
    read = read_question(question, VIDEO)
    assert (read.ask, read.text) == (ask, rest)


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("Is 'it is' said?", ("it is",)),
        ('Is "It\'s me" said?', ("It's me",)),
        ("Is “Hello” before ‘World’?", ("Hello", "World")),
        ("Is the dog's bone shown?", ()),
        ("Don't you see it?", ()),
    ],
)
def test_quotes_keep_their_letters(question: str, quotes: tuple[str, ...]):
    read = read_question(question, VIDEO)
    assert read.quotes == quotes
    assert read.text.count(QUOTE) == len(quotes)


def test_time_before_the_asking_words_moves_behind():
    read = read_question("At 5 s, how many shots are there?", VIDEO)
    assert read.ask == "count"
    assert read.text == "shots are there time0mark"
    assert read.when is not None
    assert read.when.start == 5.0


def test_only_keeps_what_was_left():
    read = read_question("How many red cars are there?", VIDEO)
    assert not read.only({"red"})
    assert read.left == [("cars",)]
    assert read.only({"red", "cars"})
