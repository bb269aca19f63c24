"""Numbers in questions."""

from __future__ import annotations

import pytest

from vprog.rules.numbers import read_number, read_ordinal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0), ("2.5", 2.5), ("seven", 7.0), ("twenty", 20.0), ("twenty-one", 21.0),
        ("ninety nine", 99.0), ("a", 1.0), ("half a", 0.5), ("two and a half", 2.5),
        ("three and a quarter", 3.25), ("hundred", 100.0), ("", None), ("many", None),
        ("one two", None), ("-3", None), ("1e9", None),
    ],
)  # fmt: skip
def test_read_number(text: str, number: float | None):
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("word", "place"),
    [("first", 1), ("second", 2), ("3rd", 3), ("last", -1), ("0th", None), ("firstly", None)],
)
def test_read_ordinal(word: str, place: int | None):
    assert read_ordinal(word) == place
