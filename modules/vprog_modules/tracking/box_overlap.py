"""Small algebra of boxes for detectors and trackers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from vprog.types import Box


class ScoredBox(NamedTuple):
    """A box, in pixels of the picture given, and a score in [0, 1]."""

    box: Box
    score: float


def area(box: Box) -> float:
    """Square pixels."""
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def centre(box: Box) -> tuple[float, float]:
    """(x, y)."""
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def diagonal(box: Box) -> float:
    """From corner to corner, in pixels."""
    return math.hypot(box.x1 - box.x0, box.y1 - box.y0)


def common(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return width * height if width > 0 and height > 0 else 0.0


def iou(a: Box, b: Box) -> float:
    """Shared area over joint area, in [0, 1]."""
    both = common(a, b)
    return both / (area(a) + area(b) - both) if both else 0.0


def covered(a: Box, b: Box) -> float:
    """Shared area over the smaller of the two, in [0, 1]."""
    least = min(area(a), area(b))
    return common(a, b) / least if least else 0.0


def suppress(
    boxes: Sequence[Box], scores: Sequence[float], *, overlap: float = 0.5, inside: float = 0.65
) -> list[int]:
    """Which boxes stay when of two that show one thing only the better is kept.

    Args:
        boxes: candidates.
        scores: one for each, higher is better; ties go to the earlier.
        overlap: the highest IoU that two kept boxes may have.
        inside: the largest part of a kept box that another may cover.

    Returns:
        Indices, best first.
    """
    kept: list[int] = []
    for at in sorted(range(len(boxes)), key=lambda each: (-scores[each], each)):
        if all(
            iou(boxes[at], boxes[other]) <= overlap and covered(boxes[at], boxes[other]) <= inside
            for other in kept
        ):
            kept.append(at)
    return kept
