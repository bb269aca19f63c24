"""Boxes."""

from __future__ import annotations

from vprog.types import Box
from vprog_modules.tracking.box_overlap import covered, iou, suppress


def test_iou_and_covered() -> None:
    a, b = Box(0, 0, 10, 10), Box(5, 0, 15, 10)
    assert iou(a, b) == 50 / 150
    assert iou(a, Box(10, 0, 20, 10)) == 0.0
    assert covered(a, Box(0, 0, 5, 5)) == 1.0
    assert covered(a, Box(3, 3, 3, 3)) == 0.0


def test_suppress_keeps_the_best_of_those_that_overlap() -> None:
    boxes = [Box(0, 0, 10, 10), Box(1, 0, 11, 10), Box(30, 0, 40, 10), Box(2, 2, 5, 5)]
    assert suppress(boxes[:3], [0.5, 0.9, 0.4]) == [1, 2]
    assert suppress([boxes[0], boxes[3]], [0.9, 0.8]) == [0]
