"""Boxes and tubes by hand."""

from __future__ import annotations

import pytest

from vprog.evaluation.metrics import box_iou, gold_frame_iou, video_iou

BOX = (0.0, 0.0, 4.0, 4.0)


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 2, 2), (2, 2, 4, 4), 0.0),
        ((0, 0, 0, 5), (0, 0, 2, 5), 0.0),  # without area
        ((1, 1, 1, 1), (1, 1, 1, 1), 1.0),
        (BOX, (1, 1, 3, 3), 4 / 16),
    ],
)
def test_box_iou(one: tuple[float, ...], other: tuple[float, ...], iou: float) -> None:
    assert box_iou(one, other) == pytest.approx(iou)


def test_video_iou_is_over_the_frames_of_either() -> None:
    assert video_iou({1: BOX, 2: BOX}, {2: BOX, 3: BOX}) == pytest.approx(1 / 3)
    assert video_iou({2: BOX}, {1: BOX, 2: BOX, 3: BOX}) == pytest.approx(1 / 3)  # not 1.0
    assert video_iou({}, {1: BOX}) == 0.0


def test_gold_frame_iou_costs_nothing_for_boxes_elsewhere() -> None:
    assert gold_frame_iou({1: BOX, 2: BOX}, {2: BOX, 3: BOX}) == pytest.approx(1 / 2)
    assert gold_frame_iou({0: BOX, 1: BOX, 2: BOX}, {2: BOX}) == 1.0
    assert gold_frame_iou({}, {1: BOX}) == 0.0


def test_boxes_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="x0 <= x1"):
        box_iou((3, 0, 1, 2), BOX)
    with pytest.raises(ValueError, match="at least one right box"):
        video_iou({1: BOX}, {})
    with pytest.raises(ValueError, match="at least one right box"):
        gold_frame_iou({1: BOX}, {})
