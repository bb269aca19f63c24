"""Metrics of boxes in time: the IoU of two boxes, and vIoU of two tubes of boxes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Corners = Sequence[float]
"""(x0, y0, x1, y1), in pixels or as shares of the picture."""


def box_iou(one: Corners, other: Corners) -> float:
    """Area of the intersection over the area of the union, in [0, 1].

    Boxes without area overlap nothing, but a box is equal to itself.

    Raises:
        ValueError: a box has a right or lower side before the other.

    Example:
        >>> box_iou((0, 0, 10, 10), (5, 0, 15, 10))
        0.3333333333333333

    Source: Everingham et al., The PASCAL Visual Object Classes Challenge, IJCV 2010.
    """
    areas = [_area(box) for box in (one, other)]
    if tuple(one) == tuple(other):
        return 1.0
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    union = sum(areas) - shared
    return shared / union if union > 0 else 0.0


def video_iou(predicted: Mapping[float, Corners], gold: Mapping[float, Corners]) -> float:
    """vIoU of two tubes: overlap where both have a box, over all frames that either has.

        vIoU = 1/|S_u| sum_{t in S_i} IoU(b_t, g_t)

    S_i are the frames of both tubes, S_u those of either. The trap: the mean over S_i alone
    rewards a tube of one good frame.

    Args:
        predicted: the box at each frame, by its time; empty is 0.0.
        gold: the right ones, by the same times.

    Raises:
        ValueError: there is no right box.

    Example:
        >>> video_iou({1: (0, 0, 4, 4), 2: (0, 0, 4, 4)}, {2: (0, 0, 4, 4), 3: (0, 0, 4, 4)})
        0.3333333333333333

    Source: Zhang et al., Where Does It Exist (VidSTG), CVPR 2020: m_vIoU, vIoU@R.
    """
    if not gold:
        raise ValueError("video_iou: there must be at least one right box.")
    both = predicted.keys() & gold.keys()
    overlap = math.fsum(box_iou(predicted[time], gold[time]) for time in both)
    return overlap / len(predicted.keys() | gold.keys())


def gold_frame_iou(predicted: Mapping[float, Corners], gold: Mapping[float, Corners]) -> float:
    """Mean IoU over the frames that have a right box; what else is predicted costs nothing.

        mIoU = 1/|G| sum_{t in G} IoU(b_t, g_t), 0 where nothing is predicted

    The trap: V-STaR calls this vIoU, though `video_iou` is what the name stands for elsewhere.

    Raises:
        ValueError: there is no right box.

    Example:
        >>> gold_frame_iou({1: (0, 0, 4, 4), 2: (0, 0, 4, 4)}, {2: (0, 0, 4, 4), 3: (0, 0, 4, 4)})
        0.5

    Source: Cheng et al., V-STaR, 2025; `eval.py` of its repository.
    """
    if not gold:
        raise ValueError("gold_frame_iou: there must be at least one right box.")
    both = predicted.keys() & gold.keys()
    return math.fsum(box_iou(predicted[time], gold[time]) for time in both) / len(gold)


def _area(box: Corners) -> float:
    x0, y0, x1, y1 = box
    if x1 < x0 or y1 < y0:
        raise ValueError(f"a box must be (x0, y0, x1, y1) with x0 <= x1 and y0 <= y1, got {box}.")
    return (x1 - x0) * (y1 - y0)
