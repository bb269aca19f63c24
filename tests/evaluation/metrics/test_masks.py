"""J and F on toy masks."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.evaluation.metrics import contour_accuracy, j_and_f, region_similarity


def square(left: int, size: int = 8, side: int = 40) -> np.ndarray:
    mask = np.zeros((side, side), dtype=bool)
    mask[10 : 10 + size, left : left + size] = True
    return mask


NOTHING = np.zeros((40, 40), dtype=bool)


def test_j_is_the_iou_of_regions() -> None:
    assert region_similarity(square(10), square(14)) == pytest.approx(32 / 96)
    assert region_similarity(NOTHING, NOTHING) == 1.0
    assert region_similarity(NOTHING, square(10)) == 0.0


def test_f_forgives_one_pixel_and_not_more() -> None:
    # 0.008 of the diagonal of 40 x 40 is 0.45, rounded up to one pixel
    assert contour_accuracy(square(10), square(10)) == 1.0
    assert contour_accuracy(square(10), square(11)) == 1.0
    assert contour_accuracy(square(10), square(25)) == 0.0
    assert 0.0 < contour_accuracy(square(10), square(13)) < 1.0
    assert contour_accuracy(NOTHING, NOTHING) == 1.0
    assert contour_accuracy(NOTHING, square(10)) == contour_accuracy(square(10), NOTHING) == 0.0


def test_j_and_f_of_a_video_are_means_over_all_its_frames() -> None:
    found, gold = [square(10), NOTHING], [square(10), square(10)]
    assert j_and_f(found, gold) == (0.5, 0.5, 0.5)


def test_masks_of_other_sizes_and_videos_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="of one size"):
        region_similarity(square(10), square(10, side=41))
    with pytest.raises(ValueError, match="as many masks as frames"):
        j_and_f([NOTHING], [NOTHING, NOTHING])
    with pytest.raises(ValueError, match="as many masks as frames"):
        j_and_f([], [])
