"""Velocities of pictures that move by known pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vprog
from tests.drawing import Picture
from tests.modules.scenes import Opened, call, painted
from vprog.errors import ModuleInputError
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Span
from vprog_modules.motion.measure_flow_dis import MeasureFlowDis


def spots(width: int, height: int) -> Picture:
    """Soft spots of some ten pixels, which can be followed everywhere."""
    import cv2

    grain = np.random.default_rng(5).normal(0, 1, (height, width, 3))
    soft = cv2.GaussianBlur(grain, (0, 0), 4)
    return np.asarray(np.clip(128 + 60 * soft / soft.std(), 0, 255), np.uint8)


WIDE = spots(800, 600)


def panned(
    path: Path, right: int, down: int, size: tuple[int, int] = (320, 240), n_frames: int = 8
) -> Path:
    """A picture that moves by so many pixels a frame, at 10 frames a second."""
    width, height = size

    def paint(number: int, _: Picture) -> Picture:
        x, y = 160 - right * number, 120 - down * number
        return WIDE[y : y + height, x : x + width]

    return painted(path, n_frames, paint, size=size)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-5, 2), (0, -4), (0, 0)])
def test_a_shifted_picture_has_the_velocity_of_its_shift(
    tmp_path: Path, right: int, down: int
) -> None:
    path = panned(tmp_path / "v.mp4", right, down)
    expected = {"right": 10 * right, "down": 10 * down, "speed": 10 * np.hypot(right, down)}
    for along, velocity in expected.items():
        levels = call(path, MeasureFlowDis, along)
        assert [level.time for level in levels] == pytest.approx([0.05 + 0.1 * k for k in range(7)])
        assert [level.value for level in levels] == pytest.approx([velocity] * 7, abs=2.5)


def test_velocity_is_in_pixels_of_the_displayed_picture_and_seconds(tmp_path: Path) -> None:
    path = panned(tmp_path / "large.mp4", 8, 0, size=(640, 480), n_frames=9)
    for fps in (10.0, 5.0):
        levels = call(path, MeasureFlowDis, "right", fps=fps)
        assert [level.value for level in levels] == pytest.approx([80] * len(levels), abs=5)


def test_a_region_tells_of_itself_alone(tmp_path: Path) -> None:
    def paint(number: int, _: Picture) -> Picture:
        picture = WIDE[:240, :320].copy()
        picture[:, 160:] = WIDE[300:540, 400 - 4 * number : 560 - 4 * number]
        return picture

    path = painted(tmp_path / "halves.mp4", 6, paint)
    still = call(path, MeasureFlowDis, region=Box(0, 0, 140, 240))
    moving = call(path, MeasureFlowDis, "right", region=Box(190, 20, 310, 220))
    assert max(level.value for level in still) < 2.5
    assert [level.value for level in moving] == pytest.approx([40] * 5, abs=4)


def test_only_the_span_is_looked_at(tmp_path: Path) -> None:
    path = panned(tmp_path / "v.mp4", 3, 0)
    levels = call(path, MeasureFlowDis, span=Span(0.2, 0.4))
    assert [level.time for level in levels] == pytest.approx([0.25, 0.35])


def test_one_frame_gives_an_empty_list(tmp_path: Path) -> None:
    assert call(panned(tmp_path / "v.mp4", 0, 0, n_frames=1), MeasureFlowDis) == []


def test_a_cut_is_no_motion(tmp_path: Path) -> None:
    other = 255 - spots(640, 480)[200:440, 300:620, ::-1]
    path = painted(tmp_path / "cut.mp4", 12, lambda n, _: WIDE[:240, :320] if n < 6 else other)
    levels = call(path, MeasureFlowDis)
    assert len(levels) == 10
    assert max(level.value for level in levels) < 2.5


def test_a_region_outside_the_picture_is_refused(tmp_path: Path) -> None:
    with Opened(panned(tmp_path / "v.mp4", 0, 0)) as opened, pytest.raises(ModuleInputError):
        opened(MeasureFlowDis, opened.video, region=Box(900, 900, 950, 950))


def test_module_conforms() -> None:
    assert check_module(MeasureFlowDis) == []


def test_a_program_calls_it(home: Path, tmp_path: Path) -> None:
    result = vprog.run(
        panned(tmp_path / "v.mp4", -4, 0),
        'levels = measure_flow(video, "right")\n'
        'answer("left" if levels[0].value < 0 else "right", evidence=levels)',
        registry=Registry([spec_of(MeasureFlowDis)]),
    )
    vprog.close()
    assert result.answer == "left"
