"""Strategies beside each other: accuracy against cost, and which of them none beats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vprog.evaluation.results.summary import EvalSummary


@dataclass(frozen=True)
class StrategyRow:
    """One strategy on the cases of all; costs are means of a case."""

    name: str
    accuracy: float
    error: float | None
    coverage: float
    accuracy_answered: float | None
    seconds: float
    llm_calls: float
    tokens: float
    frames: float
    """Decoded."""
    calls: float
    is_front: bool
    """Whether no other is at least as accurate and as quick, and better in one of them."""


def strategy_rows(summaries: Mapping[str, EvalSummary]) -> list[StrategyRow]:
    """A row for each strategy, most accurate first."""
    points = {
        name: (summary.overall.accuracy, summary.cost.seconds_total / summary.overall.n)
        for name, summary in summaries.items()
    }
    rows = [
        StrategyRow(
            name,
            summary.overall.accuracy,
            summary.overall.error,
            summary.overall.coverage,
            summary.overall.accuracy_answered,
            points[name][1],
            summary.cost.llm_calls,
            summary.cost.tokens_in + summary.cost.tokens_out,
            summary.cost.frames_decoded,
            summary.cost.calls,
            not any(_beats(other, points[name]) for other in points.values()),
        )
        for name, summary in summaries.items()
    ]
    return sorted(rows, key=lambda row: (-row.accuracy, row.seconds))


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] >= other[0] and one[1] <= other[1] and one != other
