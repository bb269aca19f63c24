from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.drawing import number_of, square_box
from tests.media.conftest import VFR_STAMPS, Drawn
from vprog.errors import ModuleInputError, NoAudioStreamError, NoVideoStreamError, VprogError
from vprog.media.run_file import open_media
from vprog.media.run_videos import MediaSource
from vprog.types.frame import Frame
from vprog.types.geometry import Box
from vprog.types.time import Span


@pytest.fixture
def source(drawn: Drawn) -> MediaSource:
    return MediaSource([open_media(drawn("b_frames.mp4")), open_media(drawn("beeps.mp4"))])


def test_source_gives_pixels_of_any_frame(source: MediaSource) -> None:
    for time, number in ((0.0, 0), (3.14, 31), (0.5, 5), (99.0, 59), (-1.0, 0)):
        assert number_of(source.pixels(Frame(0, time))) == number
    assert number_of(source.pixels(Frame(1, 3.9))) == 39


def test_source_cuts_the_region_out(source: MediaSource) -> None:
    x0, y0, x1, y1 = square_box(10, 160, 120)
    region = Box(float(x0), float(y0), float(x1), float(y1))
    picture = source.pixels(Frame(0, 1.0, region))
    assert picture.shape == (y1 - y0, x1 - x0, 3)
    assert picture[4:-4, 4:-4].reshape(-1, 3).mean(axis=0) == pytest.approx((220, 20, 20), abs=14)


def test_source_cuts_regions_to_whole_pixels_inside_the_picture(source: MediaSource) -> None:
    frame = Frame(0, 1.0, Box(-5.0, 10.2, 20.5, 999.0))
    assert source.area(frame) == Box(0.0, 10.0, 21.0, 120.0)
    assert source.pixels(frame).shape == (110, 21, 3)
    assert source.area(Frame(0, 1.0)) == Box(0.0, 0.0, 160.0, 120.0)


def test_source_scales_the_region_not_the_frame(source: MediaSource) -> None:
    frame = Frame(0, 1.0, Box(0.0, 0.0, 40.0, 20.0))
    assert source.pixels(frame, max_side=80).shape == (20, 40, 3)  # never enlarged
    assert source.pixels(frame, max_side=20).shape == (10, 20, 3)
    assert source.pixels(Frame(0, 1.0), max_side=80).shape == (60, 80, 3)
    thin = source.pixels(Frame(0, 1.0, Box(0.0, 0.0, 160.0, 1.0)), max_side=10)
    assert thin.shape == (1, 10, 3)


@pytest.mark.parametrize(
    "frame",
    [
        Frame(2, 0.0),
        Frame(-1, 0.0),
        Frame(0, float("nan")),
        Frame(0, float("inf")),
        Frame(0, 0.0, Box(200.0, 0.0, 300.0, 10.0)),
        Frame(0, 0.0, Box(10.0, 10.0, 10.0, 20.0)),
        Frame(0, 0.0, Box(float("nan"), 0.0, 10.0, 10.0)),
    ],
)
def test_source_refuses_frames_that_cannot_be(frame: Frame, source: MediaSource) -> None:
    with pytest.raises(ModuleInputError):
        source.pixels(frame)


def test_source_gives_each_caller_a_picture_of_its_own(source: MediaSource) -> None:
    first = source.pixels(Frame(0, 2.0))
    first[:] = 0
    assert number_of(source.pixels(Frame(0, 2.0))) == 20


def test_source_lends_a_picture_that_cannot_be_written_to(source: MediaSource) -> None:
    lent = source.pixels(Frame(0, 1.0), is_lent=True)
    assert np.array_equal(lent, source.pixels(Frame(0, 1.0)))
    with pytest.raises(ValueError, match="read-only"):
        lent[:] = 0
    source.pixels(Frame(0, 1.0))[:] = 0
    source.pixels(Frame(0, 1.0, Box(10.0, 10.0, 50.0, 50.0)))[:] = 0
    assert number_of(lent) == 10


def test_source_decodes_a_frame_once_for_many_modules(source: MediaSource) -> None:
    times = [number / 10 for number in range(60)]
    for _ in range(3):
        for time in times:
            source.pixels(Frame(0, time))
    assert source.frames_decoded == 60


def test_source_streams_frames_with_the_times_asked(source: MediaSource) -> None:
    seen = [(time, number_of(picture)) for time, picture in source.frames(0, [0.05, 1.0, 1.09])]
    assert seen == [(0.05, 0), (1.0, 10), (1.09, 10)]


def test_source_lists_frame_times(drawn: Drawn) -> None:
    source = MediaSource([open_media(drawn("vfr.mkv"))])
    assert source.frame_times(0) == pytest.approx(np.array(VFR_STAMPS) / 1000)
    assert source.frame_times(0, Span(0.04, 1.0)) == pytest.approx([0.04, 0.045, 0.3])
    assert source.frame_times(0, Span(50.0, 60.0)).shape == (0,)


def test_source_gives_sound_cut_to_the_video(source: MediaSource) -> None:
    assert source.sound(1, Span(-1.0, 0.5)).shape == (8000,)
    assert source.sound(1, Span(3.5, 99.0)).shape[0] == pytest.approx(8000, abs=400)
    assert source.sound(1).shape[0] == round(source.videos[1].duration * 16_000)
    blocks = [len(block) for _, block in source.sound_blocks(1, Span(0.0, 2.5), seconds=1.0)]
    assert blocks == [16_000, 16_000, 8_000]


@pytest.mark.parametrize("span", [Span(2.0, 1.0), Span(float("nan"), 1.0), Span(0.0, float("inf"))])
def test_source_refuses_spans_that_cannot_be(span: Span, source: MediaSource) -> None:
    with pytest.raises(ModuleInputError, match="span of video 1"):
        source.sound(1, span)


def test_source_says_what_a_file_lacks(source: MediaSource, media_dir: Path) -> None:
    with pytest.raises(NoAudioStreamError):
        source.sound(0)
    sound_only = MediaSource([open_media(media_dir / "speech" / "jfk.flac")])
    for ask in (
        lambda: sound_only.pixels(Frame(0, 0.0)),
        lambda: list(sound_only.frames(0, [0.0])),
        lambda: sound_only.frame_times(0),
    ):
        with pytest.raises(NoVideoStreamError):
            ask()
    assert sound_only.frames_decoded == 0
    assert sound_only.subtitles(0) == []


def test_source_knows_facts_and_hashes(source: MediaSource) -> None:
    assert source.video(1).has_audio
    assert source.facts(0).n_frames == 60
    assert len({source.content_hash(0), source.content_hash(1)}) == 2
    with pytest.raises(ModuleInputError, match="there are 2 videos"):
        source.video(2)


def test_source_serves_threads(source: MediaSource) -> None:
    def ask(number: int) -> tuple[int, int]:
        time = number * 7 % 60 / 10
        return number * 7 % 60, number_of(source.pixels(Frame(0, time), max_side=120))

    with ThreadPoolExecutor(8) as pool:
        assert all(asked == seen for asked, seen in pool.map(ask, range(150)))


def test_source_closes_its_files(source: MediaSource) -> None:
    source.pixels(Frame(0, 0.0))
    source.close()
    with pytest.raises(VprogError, match="was closed"):
        source.pixels(Frame(0, 1.0))


def test_source_imports_nothing_heavy() -> None:
    code = (
        "import sys; import vprog.media.run_videos, vprog.media.run_file; "
        "print([m for m in ('av', 'numpy', 'pysubs2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
