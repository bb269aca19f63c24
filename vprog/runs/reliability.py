"""How reliable the results are that the evidence of an answer comes from."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.execute.provenance import freeze
from vprog.runs.attempt import Attempt
from vprog.runs.tool_reliability import reliability_of
from vprog.types import Evidence, wire
from vprog.types.locate import Location, locations_of


def evidence_reliability(attempt: Attempt, ran: Sequence[Attempt]) -> float | None:
    """How reliable the results are that the evidence of an answer comes from, in [0, 1].

    A piece of evidence is as reliable as the best result that reports it, the answer as the
    worst of its evidence; where no result reports any of it (a span computed from two), as the
    worst result. None where nothing is scored, or there is no answer.

    Args:
        attempt: the try that ended.
        ran: the cells of its path, its own too if it called modules.

    Source: VideoAgent2 (2025): the reliability of a tool multiplies what its evidence weighs.
    """
    if attempt.given is None:
        return None
    results = [(_reported(each), reliability_of(each.results)) for each in ran]
    cited = {_key(each) for each in attempt.outcome.evidence}
    if not any(cited & places for places, _ in results):
        return min((each for _, each in results if each is not None), default=None)
    of_each = [
        max((each for places, each in results if key in places and each is not None), default=None)
        for key in cited
    ]
    return min((each for each in of_each if each is not None), default=None)


def _reported(attempt: Attempt) -> set[object]:
    """The places that the calls of a cell reported."""
    return {
        _key(place)
        for call in attempt.calls
        if call.error is None
        for place in locations_of(wire.decode(bytes(call.result)), call.video)
    }


def _key(found: Location | Evidence) -> object:
    return freeze((found.video, found.start, found.end, found.box, found.text))
