"""How far a module's result can be relied on, by the scores that its own values carry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vprog.types import Match
from vprog.types.locate import Location, location_of

RELIABLE = 0.5
"""From which reliability on a result is built upon."""


def reliability_of(results: Iterable[object]) -> float | None:
    """The reliability of what several calls gave, in [0, 1]; None where nothing is scored.

    That of one call is the mean score of its items, for each is a claim of its own; of what a
    search found it is the best one's, for the others are what it likes less. Over several calls
    it is the mean.

    Args:
        results: one value or list for each call.

    Source: VideoAgent2 (2025) has tools say how reliable their results are; how is not
    published, so that the scores of the values stand in for it.
    """
    known = [each for each in map(_of_result, results) if each is not None]
    return math.fsum(known) / len(known) if known else None


def is_low(reliability: float | None) -> bool:
    """Whether a result is not to be built upon; one without scores is not judged."""
    return reliability is not None and reliability < RELIABLE


def _of_result(result: object) -> float | None:
    items: Sequence[object] = result if isinstance(result, list) else [result]
    places: list[tuple[object, Location]] = [
        (item, place) for item in items if (place := location_of(item)) is not None
    ]
    scores = [
        min(1.0, max(0.0, place.score))
        for _, place in places
        if place.score is not None and math.isfinite(place.score)
    ]
    if not scores:
        return None
    if all(isinstance(each, Match) for each, _ in places):
        return max(scores)
    return math.fsum(scores) / len(scores)
