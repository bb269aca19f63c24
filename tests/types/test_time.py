"""Spans of time."""

from __future__ import annotations

import pytest

from vprog.types.time import Span, span_iou


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Span(0.0, 4.0), Span(2.0, 6.0), 2 / 6),
        (Span(0.0, 4.0), Span(1.0, 3.0), 0.5),
        (Span(0.0, 4.0), Span(4.0, 6.0), 0.0),
        (Span(0.0, 1.0), Span(5.0, 6.0), 0.0),
        (Span(2.0, 2.0), Span(2.0, 2.0), 1.0),
        (Span(2.0, 2.0), Span(0.0, 4.0), 0.0),
    ],
)
def test_span_iou_is_intersection_over_union(a: Span, b: Span, expected: float) -> None:
    assert span_iou(a, b) == span_iou(b, a) == pytest.approx(expected)
