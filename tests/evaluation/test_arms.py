"""Arms change what is asked and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vprog.errors import UsageError
from vprog.evaluation.arms import ARMS, NONE_TEXT, cases_of_arm, find_arms
from vprog.evaluation.case import Case
from vprog.evaluation.judge import is_right


def case(answer: Any, *choices: str, name: str = "k") -> Case:
    return Case(1, (Path("a.mp4"),), "Which?", answer, choices, id=name)


@pytest.mark.parametrize("answer", ["blue", "B", 1.0])
def test_options_move_and_the_right_one_stays_right(answer: Any) -> None:
    choices = ("red", "1" if answer == 1.0 else "blue", "green", "grey")
    (changed,) = cases_of_arm(ARMS["options_shuffled"], [case(answer, *choices)])
    assert changed.choices != choices
    assert sorted(changed.choices) == sorted(choices)
    assert is_right(changed, choices[1])
    assert not is_right(changed, "red")


def test_options_of_two_change_places_whatever_the_seed() -> None:
    cases = [case("yes", "yes", "no", name=str(number)) for number in range(20)]
    changed = cases_of_arm(ARMS["options_shuffled"], cases)
    assert {row.choices for row in changed} == {("no", "yes")}


def test_the_right_option_is_taken_away() -> None:
    (changed,) = cases_of_arm(ARMS["none_of_these"], [case("blue", "red", "blue", "green")])
    assert changed.choices == ("red", NONE_TEXT, "green")
    assert is_right(changed, "none of these.")
    assert is_right(changed, "B")
    assert not is_right(changed, "red")


@pytest.mark.parametrize(
    "odd",
    [
        case(3),  # open
        case("red", "red", "red", "blue"),  # which of two is right cannot be told
        case("red", "red", "blue", "None of the above"),
        case(["red", "blue"], "red", "blue", "green"),
    ],
)
def test_cases_whose_options_cannot_be_changed_are_left_out(odd: Case) -> None:
    for name in ("options_shuffled", "none_of_these"):
        assert cases_of_arm(ARMS[name], [odd]) == []
    assert cases_of_arm(ARMS["reversed"], [odd]) == [odd]


def test_arms_are_found_by_name() -> None:
    assert [arm.name for arm in find_arms("reversed, text_only,reversed")] == [
        "reversed",
        "text_only",
    ]
    assert find_arms("all") == list(ARMS.values())
    with pytest.raises(UsageError, match=r'no arm "shufled"\. Did you mean "shuffled"'):
        find_arms("text_only,shufled")
