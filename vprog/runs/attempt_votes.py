"""The answers of several attempts to one question, counted by what the attempts are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import vote
from vprog.runs.score import share_of
from vprog.runs.votes import Vote
from vprog.trace.event import RecordedBallot, Voted
from vprog.types import wire


@dataclass(frozen=True)
class CountedAttempts:
    """What a vote came to.

    Attributes:
        winner: the attempt that the winning answer stands in, of several the best.
        event: every vote, for the trace.
        shares: by the node of each answer's best attempt, its share of the weight.
    """

    winner: Attempt
    event: Voted
    shares: dict[int, float | None]


def count_attempts(
    attempts: Sequence[Attempt], weights: Mapping[int, float] | None = None
) -> CountedAttempts | None:
    """The answers counted; None where none of the attempts gave one.

    Args:
        attempts: those that gave one count.
        weights: by node, where an answer is not worth what its attempt is.
    """

    def vote_of(attempt: Attempt) -> Vote:
        assert attempt.answer is not None
        return Vote(attempt.node, attempt.answer.value, weight_of(attempt))

    def weight_of(attempt: Attempt) -> float:
        return attempt.reward.value if weights is None else round(weights[attempt.node], 6)

    groups = vote([attempt for attempt in attempts if attempt.is_answered], vote_of=vote_of)
    if not groups:
        return None
    ballots = [
        RecordedBallot(
            node=attempt.node,
            party=number,
            value=msgspec.Raw(wire.encode(vote_of(attempt).answer)),
            weight=round(weight_of(attempt), 6),
        )
        for number, group in enumerate(groups)
        for attempt in group
    ]
    shares = {
        group[0].node: share_of(
            [(other is group, weight_of(attempt)) for other in groups for attempt in other]
        )
        for group in groups
    }
    return CountedAttempts(
        groups[0][0], Voted(ballots=ballots, has_own_weights=weights is not None), shares
    )
