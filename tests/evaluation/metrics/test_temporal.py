"""Spans by hand, and the traps: the hull, spans without length, spans that overlap."""

from __future__ import annotations

import pytest

from vprog.evaluation.metrics import merged, recall_at, temporal_iop, temporal_iou

Spans = list[tuple[float, float]]


@pytest.mark.parametrize(
    ("predicted", "gold", "iou", "iop"),
    [
        ([(2, 6)], [(4, 8)], 2 / 6, 2 / 4),
        ([(4, 6)], [(0, 10)], 0.2, 1.0),
        ([(0, 1), (9, 10)], [(0, 10)], 0.2, 1.0),  # the hull would have 1.0
        ([(0, 6), (4, 8)], [(0, 8)], 1.0, 1.0),  # what overlaps counts once
        ([(0, 1)], [(1, 2)], 0.0, 0.0),
        ([], [(1, 2)], 0.0, 0.0),
        ([(1.5, 1.5)], [(1, 2)], 0.0, 1.0),  # a moment inside
        ([(3, 3)], [(1, 2)], 0.0, 0.0),
        ([(1, 1)], [(1, 1)], 1.0, 1.0),
        ([(0, 2)], [(1, 1)], 0.0, 0.0),  # gold without length
    ],
)
def test_overlap_of_sets_of_spans(predicted: Spans, gold: Spans, iou: float, iop: float) -> None:
    assert temporal_iou(predicted, gold) == pytest.approx(iou)
    assert temporal_iop(predicted, gold) == pytest.approx(iop)


def test_recall_counts_from_the_threshold_on() -> None:
    assert recall_at([0.2, 0.5, 0.9], 0.5) == pytest.approx(2 / 3)


def test_spans_that_are_none_are_refused() -> None:
    assert merged([(3, 4), (0, 1), (1, 2)]) == [(0, 2), (3, 4)]
    with pytest.raises(ValueError, match="begin before it ends"):
        merged([(2, 1)])
    with pytest.raises(ValueError, match="begin before it ends"):
        temporal_iou([(0, float("nan"))], [(0, 1)])
    with pytest.raises(ValueError, match="at least one right span"):
        temporal_iou([(0, 1)], [])
    with pytest.raises(ValueError, match="at least one case"):
        recall_at([], 0.5)
