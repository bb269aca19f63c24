"""Moving things before a fixed camera."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import Picture
from tests.modules.scenes import COLOURS, call, disc, painted, rectangle, texture
from vprog.errors import ModuleInputError
from vprog_modules.motion.track_moving_opencv import TrackMovingBackdrop


def test_track_moving_follows_what_moves_and_nothing_else(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        picture = texture(1, 320, 240)
        rectangle(picture, (10, 10, 40, 40), COLOURS["red"])  # stands
        disc(picture, 20 + 9 * n, 170, 14, COLOURS["white"])  # goes right
        if n >= 10:
            disc(picture, 310 - 8 * (n - 10), 80, 14, COLOURS["black"])  # enters, goes left
        return picture

    found = call(painted(tmp_path / "v.mp4", 32, paint), TrackMovingBackdrop, fps=10.0)
    assert [detection.label for detection in found] == ["moving object"] * 2
    ways = [track.detections[-1].box.x0 - track.detections[0].box.x0 for track in found]
    assert ways[0] > 200
    assert ways[1] < -100
    assert found[0].span == pytest.approx((0.0, 3.1), abs=0.11)
    assert found[1].span.start == pytest.approx(1.0, abs=0.21)
    assert all(0.5 < hit.score <= 1 for hit in found)


def test_track_moving_leaves_out_what_stays_at_its_place(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        picture = texture(1, 320, 240)
        disc(picture, 160 + 4 * (n % 2), 120, 30, COLOURS["white"])
        return picture

    assert call(painted(tmp_path / "v.mp4", 30, paint), TrackMovingBackdrop, fps=10.0) == []


def test_track_moving_follows_over_a_cut(tmp_path: Path) -> None:
    def paint(n: int, _: Picture) -> Picture:
        picture = texture(1 if n < 30 else 2, 320, 240)
        disc(picture, 20 + 9 * (n % 30), 120, 16, COLOURS["white"])
        return picture

    found = call(painted(tmp_path / "v.mp4", 60, paint), TrackMovingBackdrop, fps=10.0)
    assert [finding.span.start for finding in found] == pytest.approx([0.0, 3.0], abs=0.25)


def test_track_moving_refuses_a_moving_camera(tmp_path: Path) -> None:
    wide = texture(3, 1600, 240)
    wide[::8] //= 2
    wide[:, ::8] //= 2
    path = painted(tmp_path / "v.mp4", 30, lambda n, _: wide[:, 30 * n : 30 * n + 320])
    with pytest.raises(ModuleInputError, match="fixed camera"):
        call(path, TrackMovingBackdrop)


def test_track_moving_finds_nothing_in_one_frame_or_still_pictures(tmp_path: Path) -> None:
    one = painted(tmp_path / "one.mp4", 1, lambda n, p: None)
    still = painted(tmp_path / "still.mp4", 20, lambda n, _: texture(1, 320, 240))
    assert call(one, TrackMovingBackdrop) == []
    assert call(still, TrackMovingBackdrop) == []


def test_track_moving_finds_the_hand_but_not_the_leaves(media_dir: Path) -> None:
    (hand,) = call(media_dir / "clips" / "tree.avi", TrackMovingBackdrop)
    assert 23.0 < hand.span.start < 23.6
