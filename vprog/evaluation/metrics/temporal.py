"""Metrics of spans in time: temporal IoU, IoP, recall at a threshold.

A grounding is a set of spans; overlaps inside it count once, and gaps between its spans do not
count (the union, never the hull from the first start to the last end). Spans without length have
no measure: a set of them overlaps nothing, but is equal to the same set.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Spans = Sequence[tuple[float, float]]
"""Starts and ends in seconds, in any order."""


def temporal_iou(predicted: Spans, gold: Spans) -> float:
    """Length of the intersection over the length of the union, in [0, 1].

        tIoU = |P n G| / |P u G|

    Args:
        predicted: the spans that were found; none is 0.0.
        gold: the right ones.

    Raises:
        ValueError: there is no right span, or one ends before it begins.

    Example:
        >>> temporal_iou([(2.0, 6.0)], [(4.0, 8.0)])
        0.3333333333333333
        >>> temporal_iou([(0.0, 1.0), (9.0, 10.0)], [(0.0, 10.0)])  # the hull would have 1.0
        0.2

    Source: Gao et al., TALL, ICCV 2017 (R@n, IoU=m); the union as in NExT-GQA.
    """
    found, right = merged(predicted), merged(_some(gold))
    if found == right:  # also where neither has a length
        return 1.0
    shared = _shared(found, right)
    union = total_length(found) + total_length(right) - shared
    return shared / union if union > 0 else 0.0


def temporal_iop(predicted: Spans, gold: Spans) -> float:
    """Intersection over prediction: how much of what was found is right, in [0, 1].

        IoP = |P n G| / |P|

    A prediction without length is right where it lies in a right span: 1.0, else 0.0.

    Raises:
        ValueError: as `temporal_iou`.

    Example:
        >>> temporal_iop([(4.0, 6.0)], [(0.0, 10.0)])
        1.0

    Source: Xiao et al., Can I Trust Your Answer? (NExT-GQA), CVPR 2024: mIoP, IoP@0.3, IoP@0.5.
    """
    found, right = merged(predicted), merged(_some(gold))
    length = total_length(found)
    if length > 0:
        return _shared(found, right) / length
    inside = [any(start <= moment <= end for start, end in right) for moment, _ in found]
    return sum(inside) / len(inside) if inside else 0.0


def recall_at(ious: Iterable[float], threshold: float) -> float:
    """Share of cases with at least this IoU: R@1, IoU=m where each case has one prediction.

        R@1(m) = #{i : IoU_i >= m} / N

    Raises:
        ValueError: there is no case.

    Example:
        >>> recall_at([0.2, 0.5, 0.9], 0.5)
        0.6666666666666666

    Source: Gao et al., TALL, ICCV 2017; Charades-STA reports m = 0.3, 0.5 and 0.7.
    """
    values = list(ious)
    if not values:
        raise ValueError("recall_at: there must be at least one case.")
    return sum(value >= threshold for value in values) / len(values)


def evidence_purity(cited: Spans, gold: Spans) -> float:
    """Seconds cited inside the right spans over seconds cited: the IoP of the evidence.

    Source: our definition after Select Less, Reason More (EARL), 2025.
    """
    return temporal_iop(cited, gold)


def merged(spans: Spans) -> list[tuple[float, float]]:
    """The same times as spans in order that neither overlap nor touch.

    Raises:
        ValueError: one ends before it begins, or an end is no finite number.
    """
    whole: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if not (math.isfinite(start) and math.isfinite(end) and start <= end):
            raise ValueError(f"a span must begin before it ends, got ({start}, {end}).")
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


def total_length(spans: Spans) -> float:
    """Seconds that spans cover, which must not overlap."""
    return math.fsum(end - start for start, end in spans)


def _shared(one: Spans, other: Spans) -> float:
    return math.fsum(
        max(0.0, min(end, other_end) - max(start, other_start))
        for start, end in one
        for other_start, other_end in other
    )


def _some(gold: Spans) -> Spans:
    if not gold:
        raise ValueError("there must be at least one right span.")
    return gold
