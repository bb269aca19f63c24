"""How much of the picture moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.drawing import Picture
from tests.modules.scenes import COLOURS, call, painted, rectangle, texture
from vprog_modules.motion.measure_motion_opencv import MeasureMotionDifference


def test_measure_motion_is_nought_where_nothing_moves(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 20, lambda n, _: texture(1, 320, 240))
    found = call(path, MeasureMotionDifference)
    assert [frame.time for frame in found] == pytest.approx([0.1 + 0.2 * k for k in range(9)])
    assert {hit.value for hit in found} == {0.0}


def test_measure_motion_is_the_share_of_the_picture_that_changes(tmp_path: Path) -> None:
    def paint(n: int, picture: Picture) -> None:
        rectangle(picture, (20 + 20 * n, 100, 60 + 20 * n, 140), COLOURS["white"])

    found = call(painted(tmp_path / "v.mp4", 12, paint), MeasureMotionDifference, fps=10.0)
    expected = 2 * 20 * 40 / (320 * 240)  # uncovered and covered by a step of 20 pixels
    assert [hit.value for hit in found] == pytest.approx([expected] * 11, rel=0.2)


def test_measure_motion_does_not_count_light_or_cuts(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        light = 1.0 - 0.03 * n if n < 10 else 1.0
        return (texture(1 if n < 10 else 2, 320, 240) * light).astype(np.uint8)

    found = call(painted(tmp_path / "v.mp4", 20, paint), MeasureMotionDifference, fps=10.0)
    assert len(found) == 18  # the pair across the cut is left out
    assert max(hit.value for hit in found) < 0.01


def test_measure_motion_counts_a_moving_camera(tmp_path: Path) -> None:
    wide = texture(3, 640, 240)
    wide[::8] //= 2
    wide[:, ::8] //= 2
    path = painted(tmp_path / "v.mp4", 12, lambda n, _: wide[:, 12 * n : 12 * n + 320])
    assert min(item.value for item in call(path, MeasureMotionDifference)) > 0.1


def test_measure_motion_of_one_frame_is_empty(tmp_path: Path) -> None:
    assert call(painted(tmp_path / "v.mp4", 1, lambda n, p: None), MeasureMotionDifference) == []


def test_measure_motion_is_highest_when_the_hand_comes(media_dir: Path) -> None:
    found = call(media_dir / "clips" / "tree.avi", MeasureMotionDifference)
    assert max(found, key=lambda each: each.value).time > 23.0
