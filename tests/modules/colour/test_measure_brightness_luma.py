"""Mean luma through time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import call, painted
from vprog_modules.colour.measure_brightness_luma import MeasureBrightnessLuma


def test_measure_brightness_is_the_mean_luma(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 30, lambda n, p: p.fill((0, 128, 255)[n // 10]))
    found = call(path, MeasureBrightnessLuma)
    assert [frame.time for frame in found] == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
    assert [hit.value for hit in found] == pytest.approx(
        [0.0, 0.0, 0.502, 0.502, 1.0, 1.0], abs=0.01
    )


def test_measure_brightness_weighs_green_most(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 1, lambda n, p: p.__setitem__(slice(None), (0, 255, 0)))
    assert call(path, MeasureBrightnessLuma)[0].value == pytest.approx(0.587, abs=0.02)


def test_measure_brightness_pools_where_there_would_be_too_many(tmp_path: Path) -> None:
    path = painted(tmp_path / "v.mp4", 2100, lambda n, p: p.fill(n // 1050 * 255), size=(32, 32))
    found = call(path, MeasureBrightnessLuma, fps=10.0)
    assert len(found) == 1050
    assert found[0].time == pytest.approx(0.05)
    assert (found[0].value, found[-1].value) == pytest.approx((0.0, 1.0), abs=0.01)
