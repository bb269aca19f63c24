"""Frames at even distances."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.modules.scenes import call
from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.types import Span
from vprog_modules.frames.sample_frames_even import SampleFramesEven


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("even") / "v.mp4", 30, fps=10)


@pytest.mark.parametrize(
    ("named", "times"),
    [
        ({}, [0.0, 1.0, 2.0]),
        ({"fps": 2.0}, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]),
        ({"fps": 2.0, "span": Span(0.0, 1.0)}, [0.0, 0.5, 1.0]),
        ({"fps": 2.0, "span": Span(0.25, 0.75)}, [0.2, 0.7]),
        ({"count": 3}, [0.5, 1.5, 2.5]),
        ({"count": 1, "span": Span(1.0, 1.0)}, [1.0]),
        ({"fps": 0.001}, [0.0]),
    ],
)
def test_sample_frames_gives(clip: Path, named: dict[str, object], times: list[float]) -> None:
    assert [frame.time for frame in call(clip, SampleFramesEven, **named)] == pytest.approx(times)


def test_sample_frames_gives_no_frame_twice(clip: Path) -> None:
    assert len(call(clip, SampleFramesEven, fps=120.0)) == 30
    assert len(call(clip, SampleFramesEven, count=2000)) == 30


def test_sample_frames_tells_the_rate_that_fits(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 2100, fps=10, size=(32, 32))
    with pytest.raises(ModuleInputError, match=r"fps=9\.5\d*") as caught:
        call(path, SampleFramesEven, fps=10.0)
    fits = float(caught.value.hint.split("fps=")[1].split()[0])
    assert len(call(path, SampleFramesEven, fps=fits)) <= 2000


def test_sample_frames_refuses_a_sound_file(media_dir: Path) -> None:
    with pytest.raises(NoVideoStreamError):
        call(media_dir / "speech" / "jfk.flac", SampleFramesEven)
