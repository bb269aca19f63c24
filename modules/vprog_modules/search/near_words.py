"""Words that were misread: a line that holds nearly the letters that are searched for.

A reader of text takes one letter for another ("Possword", "EXlT", "Enter Pass word"). Figures are
another matter: 13 is not nearly 18.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from vprog_modules.search.wording import Term

NEAR = 0.8
"""Similarity from which on a text may be the wanted one: one letter in five is another."""

_LOOK_ALIKE = str.maketrans("01i58926", "ollsbgzb")
"""Figures and letters that readers take for each other, each pair as one letter."""

_LOOKS_LIKE = 0.95


class NearWords(NamedTuple):
    """The run of words of a text that is most like the wanted ones; similarity in [0, 1]."""

    similarity: float
    first: int
    last: int


def nearest_words(wanted: Sequence[str], words: Sequence[Term]) -> NearWords | None:
    """The words of one text that are most like the wanted ones; None if it has no words.

    Args:
        wanted: comparable words.
        words: those of the text; first and last of the result count in them.
    """
    sought = "".join(wanted)
    best: NearWords | None = None
    for n_words in range(max(1, len(wanted) - 1), len(wanted) + 2):
        for first in range(max(1, len(words) - n_words + 1)):
            last = min(first + n_words, len(words)) - 1
            found = "".join(word.text for word in words[first : last + 1])
            if not found or (best is not None and _bound(sought, found) <= best.similarity):
                continue
            alike = similarity(sought, found)
            if best is None or alike > best.similarity:
                best = NearWords(alike, first, last)
    return best


def similarity(a: str, b: str) -> float:
    """The share of the letters that two texts have in common, in order; other figures halve it."""
    if a == b:
        return 1.0
    if len(a) > 2 and a.translate(_LOOK_ALIKE) == b.translate(_LOOK_ALIKE):
        return _LOOKS_LIKE
    share = 1 - _distance(a, b) / max(len(a), len(b))
    figures_a, figures_b = ([sign for sign in text if sign.isdigit()] for text in (a, b))
    return share if figures_a == figures_b else share / 2


def _bound(a: str, b: str) -> float:
    """What similarity cannot be above, told from which letters there are."""
    shared = (Counter(a) & Counter(b)).total()
    return max(_LOOKS_LIKE if len(a) == len(b) else 0.0, shared / max(len(a), len(b)))


def _distance(a: str, b: str) -> int:
    """How many letters to change, leave out or add (Levenshtein)."""
    row = list(range(len(b) + 1))
    for number, letter in enumerate(a, 1):
        above, row[0] = row[0], number
        for at, other in enumerate(b, 1):
            above, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, above + (letter != other)),
            )
    return row[-1]
