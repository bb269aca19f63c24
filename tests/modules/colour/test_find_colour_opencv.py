"""Coloured regions of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.scenes import COLOURS, Opened, disc, painted, rectangle
from vprog.errors import ModuleInputError
from vprog.types import Box, Frame
from vprog_modules.colour.find_colour_opencv import FindColourRegions


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def paint(_: int, picture: object) -> None:
        rectangle(picture, (40, 60, 100, 120), COLOURS["red"])  # type: ignore[arg-type]
        disc(picture, 240, 160, 20, COLOURS["red"])  # type: ignore[arg-type]
        rectangle(picture, (200, 20, 206, 26), COLOURS["red"])  # type: ignore[arg-type]

    return painted(tmp_path_factory.mktemp("colour") / "v.mp4", 1, paint)


def test_find_colour_gives_regions_largest_first(clip: Path) -> None:
    with Opened(clip) as opened:
        found = opened(FindColourRegions, Frame(0, 0.0), "red")
    assert [detection.label for detection in found] == ["red", "red"]
    assert found[0].box == pytest.approx((40, 60, 100, 120), abs=1.5)
    assert found[1].box == pytest.approx((220, 140, 261, 181), abs=2.5)
    assert all(0.5 < hit.score <= 1 for hit in found)


def test_find_colour_takes_smaller_regions_if_asked(clip: Path) -> None:
    with Opened(clip) as opened:
        assert len(opened(FindColourRegions, Frame(0, 0.0), "red", min_area=0.0002)) == 3


def test_find_colour_gives_boxes_of_the_whole_frame_for_a_region(clip: Path) -> None:
    with Opened(clip) as opened:
        found = opened(FindColourRegions, Frame(0, 0.0, Box(180, 100, 320, 240)), "red")
    assert [detection.box for detection in found] == [pytest.approx((220, 140, 261, 181), abs=2.5)]


def test_find_colour_finds_nothing_of_another_colour(clip: Path) -> None:
    with Opened(clip) as opened:
        assert opened(FindColourRegions, Frame(0, 0.0), "blue") == []


def test_find_colour_refuses_what_is_no_colour(clip: Path) -> None:
    with Opened(clip) as opened, pytest.raises(ModuleInputError, match="plain colour"):
        opened(FindColourRegions, Frame(0, 0.0), "chequered")
