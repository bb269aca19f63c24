"""One contract for every frame reader; those of decord and torchcodec are skipped where
they do not import."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from tests.drawing import number_of, square_box
from tests.media.conftest import DRAWN, Drawn
from vprog.errors import NoVideoStreamError, VideoUnreadableError
from vprog.media.index import build_index
from vprog.media.reader import Tally, scaled_size
from vprog.media.run_file import READERS, MediaFile, open_media

DECORD_REFUSES = {
    "bare.h264",
    "b_frames.avi",
    "stream.ts",
    "negative.ts",
    "mpeg2.mpg",
    "open_gop.mp4",
}
"""decord miscounts the frames of these: the reader says so instead of giving wrong ones."""
REFUSED = {"pyav": set(), "decord": DECORD_REFUSES, "torchcodec": DECORD_REFUSES - {"open_gop.mp4"}}


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if name != "pyav":
        try:
            importlib.import_module(name)
        except Exception as error:  # beside a torch that it does not fit: OSError, RuntimeError
            pytest.skip(f"{name} does not import: {' '.join(str(error).split())[:80]}")
    return name


def numbers(file: MediaFile, times: list[float], max_side: int | None = None) -> list[int]:
    return [number_of(frame.pixels) for frame in file.frames(times, max_side=max_side)]


@pytest.mark.parametrize("name", DRAWN)
def test_reader_gives_every_frame_in_order(name: str, reader: str, drawn: Drawn) -> None:
    if name in REFUSED[reader]:
        with pytest.raises(VideoUnreadableError, match=f"{reader} cannot read it: it miscounts"):
            open_media(drawn(name), reader=reader)
        return
    file = open_media(drawn(name), reader=reader)
    times = file.stream.times

    frames = list(file.frames(times.tolist()))

    assert [number_of(frame.pixels) for frame in frames] == list(range(len(times)))
    assert [frame.time for frame in frames] == times.tolist()
    width, height = DRAWN[name].get("size", (160, 120))
    assert {frame.pixels.shape for frame in frames} == {(height, width, 3)}
    assert {frame.pixels.dtype for frame in frames} == {np.dtype(np.uint8)}
    assert file.warnings == file.index.warnings  # nothing was lost
    file.close()


@pytest.mark.parametrize("name", DRAWN)
def test_reader_gives_the_same_frames_in_any_order(name: str, reader: str, drawn: Drawn) -> None:
    if name in REFUSED[reader]:
        with pytest.raises(VideoUnreadableError, match=f"{reader} cannot read it: it miscounts"):
            open_media(drawn(name), reader=reader)
        return
    file = open_media(drawn(name), reader=reader)
    times = file.stream.times
    order = np.random.default_rng(1).permutation(len(times))[:25]
    assert numbers(file, times[order].tolist()) == order.tolist()
    for number in order[:8]:  # each by itself, as modules ask
        assert numbers(file, [float(times[number])]) == [number]
    file.close()


def test_reader_gives_the_frame_on_display(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("vfr.mkv"), reader=reader)
    asked = [-5.0, 0.0, 0.039, 0.041, 0.2, 0.999, 1.0, 1.4, 3.99, 4.0, 4.015, 1e9]
    assert numbers(file, asked) == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    file.close()


def test_reader_scales_while_keeping_the_shape(reader: str, drawn: Drawn) -> None:
    for name, shape in (("plain.mp4", (60, 80, 3)), ("odd.mp4", (60, 80, 3))):
        file = open_media(drawn(name), reader=reader)
        frames = list(file.frames([0.5, 1.5], max_side=80))
        assert [frame.pixels.shape for frame in frames] == [shape, shape]
        assert [number_of(frame.pixels) for frame in frames] == [5, 15]
        file.close()


def test_reader_never_enlarges(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"), reader=reader)
    assert next(iter(file.frames([0.0], max_side=9999))).pixels.shape == (120, 160, 3)
    file.close()


@pytest.mark.parametrize("name", ["plain.mp4", "turned_90.mp4", "turned_180.mp4", "turned_270.mp4"])
def test_reader_turns_pictures_for_display(name: str, reader: str, drawn: Drawn) -> None:
    file = open_media(drawn(name), reader=reader)
    picture = next(iter(file.frames([1.0]))).pixels
    x0, y0, x1, y1 = square_box(10, 160, 120)
    inside = picture[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3].reshape(-1, 3).mean(axis=0)
    assert inside == pytest.approx((220, 20, 20), abs=14)
    assert picture[y1 + 6, x1 + 10] == pytest.approx((90, 90, 90), abs=10)
    file.close()


def test_reader_repeats_a_frame_as_a_picture_of_its_own(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"), reader=reader)
    first, second = file.frames([0.51, 0.52])
    assert first.time == second.time == 0.5
    first.pixels[:] = 0
    assert number_of(second.pixels) == 5
    file.close()


def test_reader_of_nothing_gives_nothing(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"), reader=reader)
    assert list(file.frames([])) == []
    file.close()


def test_reader_serves_passes_side_by_side(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("b_frames.mp4"), reader=reader)
    times = file.stream.times.tolist()
    pairs = zip(file.frames(times[:-10]), file.frames(times[10:]), strict=True)
    seen = [(number_of(a.pixels), number_of(b.pixels)) for a, b in pairs]
    assert seen == [(index, index + 10) for index in range(50)]
    file.close()


def test_reader_says_that_it_was_closed(reader: str, drawn: Drawn) -> None:
    file = open_media(drawn("plain.mp4"), reader=reader)
    assert numbers(file, [0.0]) == [0]
    file.close()
    with pytest.raises(VideoUnreadableError, match="was closed"):
        numbers(file, [0.0])


@pytest.mark.parametrize(
    ("name", "n_pyav", "n_stated"),
    [("corrupted_packets.mp4", 49, 50), ("truncated_tail.mp4", 45, 289)],
)
def test_reader_gives_what_can_be_decoded_and_warns(
    name: str, n_pyav: int, n_stated: int, reader: str, media_dir: Path
) -> None:
    file = open_media(media_dir / "broken" / name, reader=reader)
    times = file.stream.times

    frames = list(file.frames(times.tolist()))

    assert len(frames) == len(times)
    own = sum(each.time == time for each, time in zip(frames, times, strict=True))
    # The others stop before the damage, decord now here, now there.
    assert own == n_pyav if reader == "pyav" else 0 < own < n_pyav
    assert all(each.time <= time for each, time in zip(frames, times, strict=True))
    assert file.warnings[-1].startswith(f"{name}: decoded {own} of {n_stated} frames")
    file.close()


def test_reader_refuses_a_sound_file(reader: str, media_dir: Path) -> None:
    file = open_media(media_dir / "speech" / "jfk.flac", reader=reader)
    with pytest.raises(NoVideoStreamError, match=r"jfk.flac.*has no picture"):
        file.frames([0.0])


def test_tally_counts_what_was_read(drawn: Drawn) -> None:
    stream = build_index(drawn("plain.mp4")).video
    assert stream is not None
    tally = Tally("a.mp4", stream)
    for number in range(10):
        tally.decoded(number)
    assert tally.warnings == ()
    tally.lost(8, 12)  # 8 and 9 were decoded before: that stands
    tally.damaged(10)
    expected = "a.mp4: decoded 10 of 12 frames read; pictures from 0:01 on may be damaged"
    assert tally.warnings == (expected,)
    for number in range(12, 30):
        tally.decoded(number)
    assert "decoded 28 of 30 frames;" in tally.warnings[0]
    assert tally.frames_decoded == 28


@pytest.mark.parametrize(
    ("max_side", "size"), [(None, (160, 120)), (160, (160, 120)), (80, (80, 60)), (1, (1, 1))]
)
def test_scaled_size_limits_the_longer_side(
    max_side: int | None, size: tuple[int, int], drawn: Drawn
) -> None:
    stream = build_index(drawn("plain.mp4")).video
    assert stream is not None
    assert scaled_size(stream, max_side) == size
