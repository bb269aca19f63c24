"""Numbers as people write them in a question: digits and English words."""

from __future__ import annotations

import re

_TO_NINETEEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen"""
_TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety"
_NTH = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
UNITS = {word: number for number, word in enumerate(_TO_NINETEEN.split())}
UNITS |= {"once": 1, "twice": 2, "thrice": 3}
TENS = {word: 10 * number for number, word in enumerate(_TENS.split(), 1) if number > 1}
ORDINALS = {word: place for place, word in enumerate(_NTH.split(), 1)}

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
