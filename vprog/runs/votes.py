"""Several answers to one question, counted by weight; the losers are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.types import Span

CLOSE = 0.02
"""Two numbers that are not both whole agree if they differ by at most this share."""

_NEAR_ZERO = 0.01


@dataclass(frozen=True)
class Ballot:
    """One answer: which node of the search gave it, and what its reward makes it weigh."""

    node: int
    answer: object
    weight: float


@dataclass(frozen=True)
class Party:
    """Ballots whose answers agree; the heaviest first, whose answer stands for all."""

    ballots: tuple[Ballot, ...]

    @property
    def weight(self) -> float:
        return math.fsum(ballot.weight for ballot in self.ballots)

    @property
    def leader(self) -> Ballot:
        return self.ballots[0]


def count_votes(ballots: Sequence[Ballot]) -> list[Party]:
    """The ballots by answer, heaviest party first; of equals the one with the earlier node.

    Numbers and times that are close agree, so do texts but for case and spaces.
    """
    parties: list[list[Ballot]] = []
    for ballot in sorted(ballots, key=lambda each: (-each.weight, each.node)):
        for party in parties:
            if agree(party[0].answer, ballot.answer):
                party.append(ballot)
                break
        else:
            parties.append([ballot])
    counted = [Party(tuple(party)) for party in parties]
    return sorted(counted, key=lambda each: (-each.weight, each.leader.node))


def agree(one: object, other: object) -> bool:
    """Whether two answers say the same."""
    if isinstance(one, Span) or isinstance(other, Span):
        one, other = (list(each) if isinstance(each, Span) else each for each in (one, other))
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        if isinstance(one, int) and isinstance(other, int):
            return one == other
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=_NEAR_ZERO)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(agree, one, other))
    return False


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(".")
