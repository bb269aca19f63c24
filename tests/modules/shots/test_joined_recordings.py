"""Recordings that are joined in a file are shots of their own where the picture jumps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.drawing import Picture, draw_video
from tests.media.joined import join
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, using
from vprog_modules.shots.find_shots_opencv import FindShotsComparison


def card(colour: tuple[int, int, int], x: int) -> Picture:
    """A dark card with a grey bar: two of them have one structure."""
    picture = np.full((120, 160, 3), colour, dtype=np.uint8)
    picture[40:80, x : x + 60] = 90
    return picture


@pytest.mark.parametrize(("second", "starts"), [((63, 31, 47), [0.0, 3.0]), ((32, 47, 63), [0.0])])
def test_a_joint_is_a_cut_where_the_picture_jumps(
    second: tuple[int, int, int], starts: list[float], tmp_path: Path
) -> None:
    parts = [
        draw_video(tmp_path / f"{name}.ts", paint=lambda *_, colour=colour: card(colour, 50))
        for name, colour in (("a", (32, 47, 63)), ("b", second))
    ]
    source = MediaSource([open_media(join(tmp_path / "joined.ts", *parts))])
    with using(CallContext(source)):
        shots = FindShotsComparison()(source.videos[0])
    assert [shot.start for shot in shots] == pytest.approx(starts, abs=0.01)
