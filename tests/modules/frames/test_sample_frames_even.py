"""Frames at even distances."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drawing import draw_video, number_of
from tests.media.conftest import DRAWN
from tests.modules.scenes import Opened, call
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


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds, each begins with a keyframe."""
    return draw_video(tmp_path_factory.mktemp("groups") / "v.mp4", 30, fps=10, gop=10, b_frames=2)


@pytest.mark.parametrize(
    ("named", "times"),
    [
        ({"count": 3, "tolerance": 0.5}, [0.0, 1.0, 2.0]),
        ({"count": 3, "tolerance": 0.4}, [0.5, 1.5, 2.5]),
        ({"fps": 2.5, "tolerance": 0.3}, [0.0, 0.4, 1.0, 1.6, 2.0, 2.4, 2.8]),
        ({"fps": 2.5, "tolerance": 1e6}, [0.0, 1.0, 2.0]),
        ({"fps": 2.0, "tolerance": 1e6, "span": Span(1.1, 1.8)}, [1.1, 1.6]),  # none within it
        ({"count": 1, "tolerance": 1e6, "span": Span(1.0, 1.0)}, [1.0]),
    ],
)
def test_sample_frames_within_a_tolerance_names_keyframes_by_their_own_time(
    grouped: Path, named: dict[str, object], times: list[float]
) -> None:
    frames = call(grouped, SampleFramesEven, **named)
    assert [frame.time for frame in frames] == pytest.approx(times)


NO_GROUPS = ("bare.h264", "drawn.gif", "mjpeg.avi", "mpeg2.mpg", "one.mp4")
ODD_CLOCKS = ("vfr_b_frames.mp4", "offset.mkv", "negative.ts", "stream.ts", "late_beeps.mkv")


@pytest.mark.parametrize(
    "name", [*NO_GROUPS, *ODD_CLOCKS, "open_gop.mp4", "b_frames.avi", "hidden.webm"]
)
def test_frames_within_a_tolerance_are_frames_of_the_file(tmp_path: Path, name: str) -> None:
    with Opened(draw_video(tmp_path / name, **DRAWN[name])) as opened:
        times = opened.context.frame_times(0).tolist()
        exact = opened(SampleFramesEven, opened.video, count=7)
        assert opened(SampleFramesEven, opened.video, count=7, tolerance=0.0) == exact
        for tolerance in (0.05, 0.7, 1e6):
            frames = opened(SampleFramesEven, opened.video, count=7, tolerance=tolerance)
            assert 1 <= len(frames) <= len(exact)
            for frame in frames:
                assert min(abs(frame.time - other.time) for other in exact) <= tolerance + 1e-6
                assert number_of(opened.context.pixels(frame)) == times.index(frame.time)


def test_keyframes_decode_alone(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "v.mp4", 60, gop=30, b_frames=3)
    decoded = []
    for tolerance in (0.0, 2.0):
        with Opened(path) as opened:
            for frame in opened(SampleFramesEven, opened.video, count=2, tolerance=tolerance):
                opened.context.pixels(frame)
            decoded.append(opened.context.frames_decoded)
    assert decoded == [32, 2]
