"""Typing errors in questions."""

from __future__ import annotations

import pytest

from vprog.rules.spelling import without_slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("coutner", "counter"),
        ("poeple", "people"),
        ("movemnt", "movement"),
        ("frist", "first"),
        ("wlak", "walk"),
        ("talikng", "talking"),
        ("captoin", "caption"),
    ],
)
def test_one_slip_is_the_known_word(typed: str, meant: str):
    assert without_slips(typed) == meant


@pytest.mark.parametrize("word", ["beard", "bread", "moon", "kitty", "kbps", "h264", "don't"])
def test_other_words_stay(word: str):
    assert without_slips(word) == word


def test_a_cited_word_stays():
    assert without_slips("is the word trane said") == "is the word trane said"
