"""Answers in plain numbers and text, and which choice they mean."""

from __future__ import annotations

import pytest

from vprog.errors import ProgramFailedError
from vprog.runs.answer_reading import find_choice, read_answer
from vprog.types import Span


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, 3),
        (True, "yes"),
        (False, "no"),
        (1.23456, 1.235),
        ("red", "red"),
        (Span(1.0, 2.5), [1.0, 2.5]),
        ((1.0, 2.0), [1.0, 2.0]),
        ([1.0004], [1.0]),
    ],
)
def test_answers_are_plain(given: object, expected: object) -> None:
    assert read_answer(given, []).value == expected


@pytest.mark.parametrize(
    ("answer", "choices", "index"),
    [
        ("red", ["Red", "blue"], 0),
        (" blue. ", ["Red", "blue"], 1),
        (3, ["2", "3", "4"], 1),
        (3, ["2 people", "3 people"], 1),
        ("B", ["red", "blue"], 1),
        ("(b)", ["red", "blue"], 1),
        ("B", ["A", "C", "B"], 2),
        ("blue", ["A. red", "B. blue"], 1),
        ("yes", ["Yes", "No"], 0),
        ("green", ["red", "blue"], None),
        ("Z", ["red", "blue"], None),
        ("red", ["red", "Red"], None),
    ],
)
def test_answers_choice_by_text_number_or_letter(
    answer: int | str, choices: list[str], index: int | None
) -> None:
    assert find_choice(answer, choices) == index


def test_answers_none_of_the_choices_is_a_failure_not_a_guess() -> None:
    with pytest.raises(ProgramFailedError, match="none of the choices"):
        read_answer("green", ["red", "blue"])
