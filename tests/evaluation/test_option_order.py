"""Options: labels of places, and which speak of others."""

from __future__ import annotations

import pytest

from vprog.evaluation.option_order import movable_places, option_labels, says_none


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
