from __future__ import annotations

import numpy as np
import pytest

from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.media.region import area_of, cut, whole_limit
from vprog.types.frame import Frame, Video
from vprog.types.geometry import Box

VIDEO = Video(0, 10.0, 100, 50, 25.0, 250, False, False)


@pytest.mark.parametrize(
    ("region", "area"),
    [
        (None, Box(0, 0, 100, 50)),
        (Box(1.5, 2.5, 3.5, 4.5), Box(1, 2, 4, 5)),
        (Box(-10, -10, 1000, 1000), Box(0, 0, 100, 50)),
        (Box(99.9, 49.9, 200, 200), Box(99, 49, 100, 50)),
    ],
)
def test_area_is_whole_pixels_inside_the_picture(region: Box | None, area: Box) -> None:
    assert area_of(Frame(0, 1.0, region), VIDEO, "a.mp4") == area


@pytest.mark.parametrize("region", [Box(100, 0, 120, 10), Box(5, 5, 5, 6), Box(-9, -9, -1, -1)])
def test_area_outside_the_picture_is_refused(region: Box) -> None:
    with pytest.raises(ModuleInputError, match="lies outside the picture"):
        area_of(Frame(0, 1.0, region), VIDEO, "a.mp4")


def test_area_of_a_sound_file_is_refused() -> None:
    sound = Video(0, 10.0, 0, 0, 0.0, 0, True, False)
    with pytest.raises(NoVideoStreamError, match=r"a\.flac"):
        area_of(Frame(0, 1.0), sound, "a.flac")


@pytest.mark.parametrize(
    ("area", "max_side", "limit"),
    [
        (Box(0, 0, 100, 50), None, None),
        (Box(0, 0, 100, 50), 100, None),
        (Box(0, 0, 100, 50), 50, 50),
        (Box(0, 0, 20, 10), 10, 50),
        (Box(0, 0, 20, 10), 40, None),
        (Box(0, 0, 20, 10), 1, 5),
    ],
)
def test_whole_limit_scales_the_area_not_the_picture(
    area: Box, max_side: int | None, limit: int | None
) -> None:
    assert whole_limit(area, VIDEO, max_side) == limit


def test_cut_takes_the_area_from_a_scaled_picture() -> None:
    half = np.arange(25 * 50 * 3, dtype=np.int64).reshape(25, 50, 3).astype(np.uint8)
    assert (cut(half, Box(20, 10, 40, 30), VIDEO, 10) == half[5:15, 10:20]).all()
    assert cut(half, Box(99, 49, 100, 50), VIDEO, 10).shape == (1, 1, 3)
