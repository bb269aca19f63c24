"""How far results can be relied on, and an answer for the results that its evidence comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vprog.execute.provenance import freeze
from vprog.runs.attempt import Attempt
from vprog.types import Evidence, Match, wire
from vprog.types.locate import Location, location_of, locations_of

RELIABLE = 0.5
"""From which reliability on a result is built upon."""


def reliability_of(results: Iterable[object]) -> float | None:
    """The reliability of what several calls gave, in [0, 1]; None where nothing is scored.

    That of one call is the mean score of its items, for each is a claim of its own; of what a
    search gave it is the best one's, for the others are what it likes less. Over several calls
    it is the mean.

    Args:
        results: one value or list for each call.

    Source: VideoAgent2 (2025) has tools say how reliable their results are; how is not
    published, so that the scores of the values stand in for it.
    """
    scored = [value for value in map(_of_result, results) if value is not None]
    return math.fsum(scored) / len(scored) if scored else None


def is_low(reliability: float | None) -> bool:
    """Whether a result is not to be built upon; one without scores is not judged."""
    return reliability is not None and reliability < RELIABLE


def evidence_reliability(attempt: Attempt, ran: Sequence[Attempt]) -> float | None:
    """How reliable the results are that the evidence of an answer comes from, in [0, 1].

    A piece of evidence is as reliable as the best result that reports it, the answer as the
    worst of its evidence; where no result reports any of it (a span computed from two), as the
    worst result. None where nothing is scored, or there is no answer.

    Args:
        attempt: the one that ended.
        ran: the cells of its path, its own too if it called modules.

    Source: VideoAgent2 (2025): the reliability of a tool multiplies what its evidence weighs.
    """
    if attempt.answer is None:
        return None
    results = [(_reported(cell), reliability_of(cell.results)) for cell in ran]
    cited = {_position(item) for item in attempt.outcome.evidence}
    if not any(cited & reported for reported, _ in results):
        return min((value for _, value in results if value is not None), default=None)
    best = [
        max(
            (value for reported, value in results if item in reported and value is not None),
            default=None,
        )
        for item in cited
    ]
    return min((value for value in best if value is not None), default=None)


def _reported(attempt: Attempt) -> set[object]:
    """The positions that the calls of a cell reported."""
    return {
        _position(location)
        for call in attempt.calls
        if call.error is None
        for location in locations_of(wire.decode(bytes(call.result)), call.video)
    }


def _position(item: Location | Evidence) -> object:
    return freeze((item.video, item.start, item.end, item.box, item.text))


def _of_result(result: object) -> float | None:
    items: Sequence[object] = result if isinstance(result, list) else [result]
    located: list[tuple[object, Location]] = [
        (item, location) for item in items if (location := location_of(item)) is not None
    ]
    scores = [
        min(1.0, max(0.0, location.score))
        for _, location in located
        if location.score is not None and math.isfinite(location.score)
    ]
    if not scores:
        return None
    if all(isinstance(item, Match) for item, _ in located):
        return max(scores)
    return math.fsum(scores) / len(scores)
