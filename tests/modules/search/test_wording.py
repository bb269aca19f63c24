"""Words made comparable."""

from __future__ import annotations

import pytest

from vprog_modules.search.wording import terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't go, it's John's", "do not go it is john"),
        ("can’t won’t we’ve I'm", "can not will not we have i am"),
        ("Mr. and Mrs. Smith, OK?", "mister and missus smith okay"),
        ("ten", "10"),
        ("five five", "5 5"),
        ("one two three", "1 2 3"),
        ("twenty-five thirty", "25 30"),
        ("one hundred and five dogs and two cats", "105 dogs and 2 cats"),
        ("three million two hundred thousand and six", "3200006"),
        ("two thousand thirteen", "2013"),
        ("twenty thirteen", "2013"),
        ("nineteen eighty four", "1984"),
        ("seven and eight", "7 and 8"),
        ("a hundred days", "a hundred days"),
        ("zero", "0"),
        ("Frame = 13", "frame 13"),
        ("00:00:05;00", "00 00 05 00"),
        ("www.bcastell.com", "www bcastell com"),
        ("snake_case", "snake case"),
        ("東京 tower", "東 京 tower"),
        ("ＡＢＣ Straße", "abc strasse"),
        (
            "crème Brûlée CAFÉ Ångström Łódź naïve œuvre",
            "creme brulee cafe angstrom lodz naive oeuvre",
        ),
        ("İstanbul ISTANBUL ışık", "istanbul istanbul isik"),
        ("ёлка Ή", "елка η"),
        ("ガス 한국어", "ガ ス 한국어"),
        ("हिन्दी", "हिन्दी"),
        ("?!", ""),
    ],
)
def test_terms(text: str, expected: str) -> None:
    assert " ".join(term.text for term in terms(text)) == expected


def test_terms_tell_which_words_they_are_from() -> None:
    found = terms("I can't see twenty five dogs")
    assert [(term.text, term.first, term.last) for term in found] == [
        ("i", 0, 0),
        ("can", 1, 1),
        ("not", 1, 1),
        ("see", 2, 2),
        ("25", 3, 4),
        ("dogs", 5, 5),
    ]
