"""Numbers as people write them in a question: digits and English words."""

from __future__ import annotations

import re

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "once": 1, "twice": 2, "thrice": 3,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip

_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_TEN = "|".join(TENS)
_DIGITS = r"\d+(?:\.\d+)?"
WORDED = rf"(?:{_TEN})(?:[ -](?:{_UNIT}))?|(?:{_UNIT})"
NUMBER = rf"(?:{_DIGITS}|{WORDED}|an?|half an?|half)(?: and a (?:half|quarter))?"
"""A pattern for a number before a unit: "12", "2.5", "twenty-one", "five and a half", "a"."""


_WORTH: dict[str, float] = {
    **UNITS,
    **TENS,
    **{f"{ten} {unit}": TENS[ten] + UNITS[unit] for ten in TENS for unit in UNITS},
    **dict.fromkeys(("a", "an"), 1),
    **dict.fromkeys(("half", "half a", "half an"), 0.5),
    **dict.fromkeys(("hundred", "a hundred", "one hundred"), 100),
}
_PLACES = {**ORDINALS, "opening": 1, **dict.fromkeys(("last", "final", "closing"), -1)}


def read_number(text: str) -> float | None:
    """The number that a text is, or None: "12" is 12.0, "twenty one" is 21.0.

    Example:
        >>> read_number("five and a half")
        5.5
    """
    whole, _, part = text.strip().lower().partition(" and a ")
    is_written = re.fullmatch(_DIGITS, whole)
    number = float(whole) if is_written else _WORTH.get(whole.replace("-", " "))
    extra = {"": 0.0, "half": 0.5, "quarter": 0.25}.get(part)
    return None if number is None or extra is None else number + extra


def read_ordinal(word: str) -> int | None:
    """1 for "first" or "1st", 2 for "second"; -1 for "last"; None for another word."""
    written = re.fullmatch(r"(\d{1,3})(?:st|nd|rd|th)", word)
    return int(written[1]) or None if written else _PLACES.get(word)
