"""Several answers to one question, counted by weight; the losers are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.types import Span

CLOSE = 0.02
"""Two numbers that are not both whole agree if they differ by at most this share."""

CLOSE_TIME = 0.5
"""And by no more than this: a sampling step at the 2 frames a second of most looks. Two per cent
of an hour would be more than a minute."""

_NEAR_ZERO = 0.01


@dataclass(frozen=True)
class Vote:
    """One answer: which node gave it, and what its reward makes it weigh."""

    node: int
    answer: object
    weight: float


@dataclass(frozen=True)
class Agreement:
    """Votes whose answers agree; the heaviest first, whose answer stands for all."""

    votes: tuple[Vote, ...]

    @property
    def weight(self) -> float:
        return math.fsum(vote.weight for vote in self.votes)

    @property
    def leader(self) -> Vote:
        return self.votes[0]


def count_votes(votes: Sequence[Vote]) -> list[Agreement]:
    """The votes by answer, heaviest group first; of equals the one with the earlier node.

    Numbers and times that are close agree, so do texts but for case and spaces.
    """
    groups: list[list[Vote]] = []
    for vote in sorted(votes, key=lambda vote: (-vote.weight, vote.node)):
        for group in groups:
            if agree(group[0].answer, vote.answer):
                group.append(vote)
                break
        else:
            groups.append([vote])
    counted = [Agreement(tuple(group)) for group in groups]
    return sorted(counted, key=lambda group: (-group.weight, group.leader.node))


def agree(one: object, other: object) -> bool:
    """Whether two answers say the same."""
    if isinstance(one, Span) or isinstance(other, Span):
        one, other = (
            list(answer) if isinstance(answer, Span) else answer for answer in (one, other)
        )
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        if isinstance(one, int) and isinstance(other, int):
            return one == other
        share = CLOSE * max(abs(one), abs(other))
        return abs(one - other) <= max(_NEAR_ZERO, min(share, CLOSE_TIME))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(agree, one, other))
    return False


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(".")
