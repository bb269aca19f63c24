"""One transcript out of several: recognisers vote word by word, as in ROVER (Fiscus, 1997).

Passes that hear differently make different errors; where they agree they are mostly right.
Knows nothing of the recogniser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

POSTERIOR_WEIGHT = 0.45
"""How much of a vote is the recogniser's own posterior, and how much the mere hearing."""

ABSENT = 0.35
"""The posterior with which a pass says that there is no word."""

_MIN_OVERLAP = 0.2
_SUBSTITUTION = 1.2


class Heard(NamedTuple):
    """A word as one pass heard it; posterior in [0, 1], times in seconds."""

    text: str
    start: float
    end: float
    posterior: float


class VotedWord(NamedTuple):
    """A word that won: the share of passes that heard it, and their mean posterior."""

    text: str
    start: float
    end: float
    share: float
    posterior: float


def vote(passes: Sequence[Sequence[Heard]]) -> list[VotedWord]:
    """The words that win the vote, in order of time.

    Args:
        passes: the same sound as each pass heard it; times come from the earliest pass
            that heard the word.
    """
    n = len(passes)
    slots: list[list[Heard | None]] = [[word] for word in passes[0]] if passes else []
    for number, words in enumerate(passes[1:], start=1):
        slots = _with(slots, words, number)
    won: list[VotedWord] = []
    for slot in slots:
        by_text: dict[str | None, list[Heard]] = {}
        weight: dict[str | None, float] = {}
        for word in slot:
            text = word.text if word else None
            posterior = word.posterior if word else ABSENT
            vote_of_one = (1 - POSTERIOR_WEIGHT) + POSTERIOR_WEIGHT * posterior
            weight[text] = weight.get(text, 0.0) + vote_of_one / n
            if word:
                by_text.setdefault(text, []).append(word)
        best = max(weight, key=lambda each: weight[each])
        if best is not None:
            heard = by_text[best]
            mean = sum(line.posterior for line in heard) / len(heard)
            won.append(VotedWord(best, heard[0].start, heard[0].end, len(heard) / n, mean))
    return _in_order(won)


def _with(
    slots: list[list[Heard | None]], words: Sequence[Heard], number: int
) -> list[list[Heard | None]]:
    """The slots with one more pass: each word in the slot it fits, or in a slot of its own."""
    result: list[list[Heard | None]] = []
    for slot, word in _aligned(slots, words):
        result.append([*(slot if slot is not None else [None] * number), word])
    return result


def _aligned(
    slots: list[list[Heard | None]], words: Sequence[Heard]
) -> list[tuple[list[Heard | None] | None, Heard | None]]:
    """Pairs of slot and word in order; None where the other side has nothing."""
    n, m = len(slots), len(words)
    cost = [[0.0] * (m + 1) for _ in range(n + 1)]
    way = [[""] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            choices: list[tuple[float, str]] = []
            if i and j:
                match = _match(slots[i - 1], words[j - 1])
                if match is not None:
                    choices.append((cost[i - 1][j - 1] + match, "both"))
            if i:
                choices.append((cost[i - 1][j] + 1, "slot"))
            if j:
                choices.append((cost[i][j - 1] + 1, "word"))
            if choices:
                cost[i][j], way[i][j] = min(choices, key=lambda each: each[0])
    pairs: list[tuple[list[Heard | None] | None, Heard | None]] = []
    i, j = n, m
    while i or j:
        step = way[i][j]
        i -= step != "word"
        j -= step != "slot"
        pairs.append((slots[i] if step != "word" else None, words[j] if step != "slot" else None))
    return pairs[::-1]


def _match(slot: list[Heard | None], word: Heard) -> float | None:
    """What it costs to put a word into a slot; None if they are of different times."""
    heard = [item for item in slot if item]
    first = heard[0]
    shared = min(first.end, word.end) - max(first.start, word.start)
    overlap = shared / max(0.05, min(first.end - first.start, word.end - word.start))
    if overlap <= _MIN_OVERLAP:
        return None
    same = any(line.text == word.text for line in heard)
    return (0.0 if same else _SUBSTITUTION) - 0.2 * overlap


def _in_order(words: list[VotedWord]) -> list[VotedWord]:
    """Sorted, and without overlaps: the times may be from different passes."""
    result: list[VotedWord] = []
    for word in sorted(words, key=lambda each: (each.start, each.end)):
        start = max(word.start, result[-1].end) if result else word.start
        if start < word.end:
            result.append(word._replace(start=start))
        elif result:  # wholly inside its neighbour: they share the time
            before = result[-1]
            middle = (before.start + before.end) / 2
            result[-1] = before._replace(end=middle)
            result.append(word._replace(start=middle, end=before.end))
    return result
