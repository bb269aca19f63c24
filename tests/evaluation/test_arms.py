"""Arms change what is asked and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vprog.errors import UsageError
from vprog.evaluation.arms import (
    ARMS,
    NONE_TEXT,
    cases_of_arm,
    find_arms,
    movable_places,
    option_labels,
    says_none,
)
from vprog.evaluation.case import Case
from vprog.evaluation.judge import is_right


def case(answer: Any, *choices: str, name: str = "k") -> Case:
    return Case(1, (Path("a.mp4"),), "Which?", answer, choices, id=name)


@pytest.mark.parametrize("answer", ["blue", "B", 1.0])
def test_options_move_and_the_right_one_stays_right(answer: Any) -> None:
    choices = ("red", "1" if answer == 1.0 else "blue", "green", "grey")
    (changed,) = cases_of_arm(ARMS["options_shuffled"], [case(answer, *choices)]).asked
    assert changed.choices != choices
    assert sorted(changed.choices) == sorted(choices)
    assert is_right(changed, choices[1])
    assert not is_right(changed, "red")


def test_options_of_two_change_places_whatever_the_seed() -> None:
    cases = [case("yes", "yes", "no", name=str(number)) for number in range(20)]
    changed = cases_of_arm(ARMS["options_shuffled"], cases).asked
    assert {row.choices for row in changed} == {("no", "yes")}


def test_the_right_option_is_taken_away() -> None:
    asked = [case("blue", "red", "blue", "green")]
    (changed,) = cases_of_arm(ARMS["none_of_these"], asked).asked
    assert changed.choices == ("red", NONE_TEXT, "green")
    assert is_right(changed, "none of these.")
    assert is_right(changed, "B")
    assert not is_right(changed, "red")


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (case(3), "no options to choose from"),
        (case("red", "red", "red", "blue"), "not one right option, or options that are equal"),
        (case(["red", "blue"], "red", "blue", "green"), "not one right option, or"),
        (case("red", "red", "blue", "Both A and B"), "names others by their letter"),
        (case("A. red", "A. red", "B. blue", "C. A or B"), "names others by their letter"),
        (case("red", "red", "blue", "Options 1 and 2"), "names others by their letter"),
        (case("red", "red", "None of the above", "blue"), "above it, and is not last"),
    ],
)
def test_cases_whose_options_cannot_be_changed_are_left_out_and_counted(
    odd: Case, why: str
) -> None:
    for name in ("options_shuffled", "none_of_these"):
        left = cases_of_arm(ARMS[name], [odd, odd])
        assert not left.asked
        assert left.said().startswith("2 left out: ")
        assert why in left.said()
    assert list(cases_of_arm(ARMS["reversed"], [odd]).asked) == [odd]


def test_labels_stay_where_they_are_and_texts_move() -> None:
    asked = case("B. blue", "A. red", "B. blue", "C. green")
    (changed,) = cases_of_arm(ARMS["options_shuffled"], [asked]).asked
    assert [choice[:3] for choice in changed.choices] == ["A. ", "B. ", "C. "]
    assert sorted(choice[3:] for choice in changed.choices) == ["blue", "green", "red"]
    assert [choice[3:] for choice in changed.choices] != ["red", "blue", "green"]
    assert is_right(changed, next(it for it in changed.choices if it.endswith("blue")))
    assert sum(is_right(changed, letter) for letter in "ABC") == 1
    (changed,) = cases_of_arm(ARMS["none_of_these"], [asked]).asked
    assert changed.choices == ("A. red", f"B. {NONE_TEXT}", "C. green")
    assert is_right(changed, "B")


@pytest.mark.parametrize(
    "last", ["None of the above", "All of the above.", "None of these", "Both"]
)
def test_options_that_speak_of_all_others_stay_and_the_others_move(last: str) -> None:
    (changed,) = cases_of_arm(ARMS["options_shuffled"], [case(last, "red", "blue", last)]).asked
    assert changed.choices == ("blue", "red", last)
    assert is_right(changed, last)
    assert not cases_of_arm(ARMS["none_of_these"], [case("red", "red", "blue", last)]).asked


@pytest.mark.parametrize(
    "texts",
    [("A man", "A dog"), ("3/4", "1/2"), ("2 or 3", "4 or 5"), ("The other side", "both hands")],
)
def test_options_that_only_look_as_if_they_spoke_of_others_move(texts: tuple[str, str]) -> None:
    (changed,) = cases_of_arm(ARMS["options_shuffled"], [case(texts[0], *texts)]).asked
    assert changed.choices == texts[::-1]


def test_the_twin_in_words_tells_what_happens_in_place_of_the_video() -> None:
    told = replace(case("left", "left", "right"), told="from 0 to 1 s: a ball goes left")
    arm = ARMS["text_twin"]
    twin = cases_of_arm(arm, [told, case(3), replace(told, told="x" * 4000)])
    (asked,) = twin.asked
    assert arm.shown == "none"
    assert asked.question == ("This happens in a video:\nfrom 0 to 1 s: a ball goes left\n\nWhich?")
    assert (asked.choices, asked.answer) == (told.choices, told.answer)
    assert set(twin.left_out.values()) == {1}
    assert "nobody told what happens" in twin.said()


def test_arms_are_found_by_name() -> None:
    assert [arm.name for arm in find_arms("reversed, text_only,reversed")] == [
        "reversed",
        "text_only",
    ]
    assert find_arms("all") == list(ARMS.values())
    with pytest.raises(UsageError, match=r'no arm "shufled"\. Did you mean "shuffled"'):
        find_arms("text_only,shufled")


@pytest.mark.parametrize(
    ("choices", "labels"),
    [
        (["A. red", "B. blue"], ["A. ", "B. "]),
        (["(a) red", "(b) blue", "none"], ["(a) ", "(b) ", ""]),
        (["1) red", "2) blue"], ["1) ", "2) "]),
        (["A. Smith", "J. Jones"], ["", ""]),  # initials
        (["A man", "B"], ["", ""]),
        (["A. red"], [""]),
    ],
)
def test_labels_are_those_of_consecutive_places(choices: list[str], labels: list[str]) -> None:
    found, texts = option_labels(choices)
    assert found == labels
    assert [f"{label}{text}" for label, text in zip(found, texts, strict=True)] == choices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("None of the above", True), ("none of these.", True), ("All of the above options", True),
        ("Both of these", True), ("Neither", True), ("None of the other options", True),
        ("More than one of the above", True), ("No one", False), ("Both hands", False),
        ("All the time", False), ("The other side", False), ("Some other man", False),
    ],
)  # fmt: skip
def test_options_that_speak_of_all_others_are_known(text: str, expected: bool) -> None:
    assert says_none(text) is expected


def test_options_without_a_label_stay_among_labelled_ones() -> None:
    assert movable_places(["A. ", "B. ", ""], ["red", "blue", "it cannot be seen"]) == [0, 1]
    assert movable_places(["", "", ""], ["A and B", "B and C", "A, C"]) == [0, 1, 2]
