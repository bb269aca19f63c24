"""The frame on display at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.modules.scenes import call
from vprog.errors import ModuleInputError
from vprog.types import Frame
from vprog_modules.frames.frame_at_index import FrameAtIndex


@pytest.mark.parametrize(
    ("asked", "shown"), [(0.0, 0.0), (0.05, 0.0), (0.1, 0.1), (0.99, 0.9), (1.0, 0.9)]
)
def test_frame_at_gives_what_is_on_display(tmp_path: Path, asked: float, shown: float) -> None:
    path = draw_video(tmp_path / "v.mp4", 10, fps=10)
    assert call(path, FrameAtIndex, asked) == Frame(0, pytest.approx(shown))  # type: ignore[arg-type]


def test_frame_at_refuses_times_after_the_end(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 10, fps=10)
    with pytest.raises(ModuleInputError, match=r"0 to 1\.000 s, got 1\.5"):
        call(path, FrameAtIndex, 1.5)
