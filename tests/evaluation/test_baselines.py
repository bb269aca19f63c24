"""What constant answers get, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vprog.evaluation.baselines import guess, guessed_case
from vprog.evaluation.case import AllOf, AnyOf, Case


def guesses(*cases: tuple[str, Any, tuple[str, ...]]) -> tuple[int, int]:
    listed = [
        Case(1, (Path("a.mp4"),), question, answer, choices) for question, answer, choices in cases
    ]
    return guess([guessed_case(case) for case in listed])


def test_numbers_in_a_question_do_not_make_it_another() -> None:
    asked = [("Which colour at 2 s?", "red", ()), ("Which colour at 3.5 s?", "Red.", ()),
             ("Which animal?", "dog", ()), ("Which animal?", "dog", ()),
             ("Which colour at 9 s?", "blue", ())]  # fmt: skip
    assert guesses(*asked) == (2, 4)  # red; red for colours and dog for animals


def test_of_words_that_come_once_nothing_is_learned() -> None:
    asked = [("Who?", 3, ()), ("What?", 3.0, ()), ("Where?", 4, ())]
    assert guesses(*asked) == (2, 2)


def test_a_letter_that_is_right_too_often_counts() -> None:
    asked = [("Which?", "red", ("red", "blue")), ("Which?", "blue", ("blue", "red")),
             ("Which?", "red", ("red", "blue"))]  # fmt: skip
    assert guesses(*asked) == (3, 3)  # always the first option


def test_one_of_several_is_enough_and_a_list_is_one_answer() -> None:
    asked = [("Which?", AnyOf(["cat", 2]), ()), ("Which?", ["cat", "kitten"], ()),
             ("Which?", AllOf(["dog", "cat"]), ()),
             ("Which?", AllOf(["cat", "dog"]), ())]  # fmt: skip
    assert guesses(*asked) == (2, 2)


def test_who_always_abstains_is_right_where_nothing_can_answer() -> None:
    assert guesses(("Why?", None, ()), ("Why?", None, ()), ("Why?", "rain", ())) == (2, 2)
