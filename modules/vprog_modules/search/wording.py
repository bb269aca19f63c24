"""Words made comparable for search: "don't" is "do not", "ten" is "10", "crème" is "creme".

Both what is searched and what is asked for go through `terms`, so that spelling does not
decide. Stems and ranking are for word_search.py.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

ENDINGS = {"'ll": "will", "'re": "are", "'ve": "have", "'m": "am", "'d": "would"}
WHOLE = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "let's": ("let", "us"),
    "mr": ("mister",),
    "mrs": ("missus",),
    "dr": ("doctor",),
    "ok": ("okay",),
}
HAS_IS = frozenset(
    {"it's", "he's", "she's", "that's", "there's", "here's"}
    | {"what's", "who's", "where's", "how's", "when's"}
)

COMMON = frozenset(
    {"a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "by", "for", "with", "from"}
    | {"as", "is", "are", "was", "were", "be", "been", "am", "do", "does", "did", "have", "has"}
    | {"had", "will", "would", "can", "could", "shall", "should", "may", "might", "not", "it"}
    | {"its", "he", "she", "they", "them", "his", "her", "their", "we", "us", "our", "you"}
    | {"your", "i", "me", "my", "this", "that", "these", "those", "there"}
)
"""Words too frequent to find anything by, unless nothing else is asked for."""

_LETTER = "(?:[^\\W_]|[\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u1000-\u109f])"
"""Also the vowel signs of Indic scripts, Thai and Burmese, which are part of their words."""

_WORD = re.compile(f"{_LETTER}+(?:'{_LETTER}+)*")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]+")
"""Marks above and below letters of Latin, Greek, Cyrillic, Hebrew and Arabic: few type them."""

_WITHOUT_ACCENT = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
"""Letters of scripts that put no spaces between words: each stands for itself."""


class Term(NamedTuple):
    """One comparable word, and which words of the text (counted by spaces) it is from."""

    text: str
    first: int
    last: int


def terms(text: str) -> list[Term]:
    """The comparable words of a text, in order."""
    found: list[Term] = []
    for at, piece in enumerate(text.split()):
        for word in _WORD.findall(_plain(piece)):
            found += [Term(item, at, at) for item in _expanded(word)]
    return _numbers(found)


def _plain(piece: str) -> str:
    """Capitals, accents and full-width forms made one; Japanese and Korean letters stay whole."""
    if piece.isascii():
        return piece.lower()
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece).casefold())
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", parts)).translate(_WITHOUT_ACCENT)
    folded = folded.replace("\u2019", "'")
    return _UNSPACED.sub(r" \1 ", folded)


def _expanded(word: str) -> tuple[str, ...]:
    if word in WHOLE:
        return WHOLE[word]
    if word in HAS_IS:
        return (word[:-2], "is")
    if word.endswith("n't"):
        return (word[:-3], "not")
    if word.endswith("'s"):
        return (word[:-2],)
    for ending, full in ENDINGS.items():
        if word.endswith(ending):
            return (word[: -len(ending)], full)
    return (word.replace("'", ""),)


def _numbers(found: list[Term]) -> list[Term]:
    """Spoken numbers as digits: "one hundred and five" is "105", "nineteen ten" is "1910"."""
    result: list[Term] = []
    at = 0
    while at < len(found):
        value, end = _number(found, at)
        if end == at:
            result.append(found[at])
            at += 1
            continue
        if 13 <= value <= 20 and end == at + 1:  # a year in two halves
            rest, after = _number(found, end)
            if after > end and 10 <= rest <= 99:
                value, end = 100 * value + rest, after
        result.append(Term(str(value), found[at].first, found[end - 1].last))
        at = end
    return result


def _number(found: list[Term], at: int) -> tuple[int, int]:
    """The value of the number words at `at`, and where they end; `at` itself if none."""
    total = part = 0
    size = 10_000  # of the last number word: smaller ones may follow it
    start = at
    while at < len(found):
        word = found[at].text
        if word in UNITS:
            value = UNITS[word]
            if size <= 10 or (size <= 99 and value >= 10) or (value == 0 and at > start):
                break
            part, size = part + value, 1
        elif word in TENS and size >= 100:
            part, size = part + TENS[word], 99
        elif word == "hundred" and at > start and 0 < part < 100:
            part, size = part * 100, 100
        elif word in SCALES and part and (not total or SCALES[word] < total):
            total, part, size = total + part * SCALES[word], 0, 10_000
        elif (
            word == "and"
            and at > start
            and size in (100, 10_000)
            and at + 1 < len(found)
            and found[at + 1].text in UNITS.keys() | TENS.keys()
        ):
            pass
        else:
            break
        at += 1
    return total + part, at
