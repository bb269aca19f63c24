"""Passes over one file at once: decoded once, and each is given what it would be given alone."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from tests.drawing import draw_video, number_of
from tests.media.conftest import Drawn
from tests.media.fuzz_harms import HARMS
from tests.media.fuzz_sources import source
from tests.reliability.fuzzed_media import decoders
from vprog.errors import VideoUnreadableError
from vprog.media import shared_decoders
from vprog.media.index import MediaIndex, build_index
from vprog.media.media_pool import MediaPool
from vprog.media.pyav_reader import PyavReader
from vprog.media.pyav_source import FrameCopier
from vprog.media.reader import DecodedFrame
from vprog.media.run_file import open_media

Events = list[tuple[str, int, int]]


class Noted:
    """Keeps all that it is told, in order. Implements `DecodeReport`."""

    def __init__(self) -> None:
        self.events: Events = []

    def decoded(self, number: int) -> None:
        self.events.append(("decoded", number, number))

    taken = decoded

    def shown(self, number: int) -> None:
        self.events.append(("shown", number, number))

    def lost(self, start: int, stop: int) -> None:
        if stop > start:
            self.events.append(("lost", start, stop))

    def damaged(self, number: int) -> None:
        self.events.append(("damaged", number, number))


class Seen(NamedTuple):
    """What came of a pass."""

    pictures: list[tuple[float, bytes]]
    events: Events
    error: str


class Asked(NamedTuple):
    """A pass: every so many frames, at a size, until so many were taken."""

    step: int = 1
    max_side: int | None = 160
    most: int = 10**6


SIX = (Asked(), Asked(2, 80), Asked(5), Asked(1, None, 9), Asked(12), Asked(1, 64))


def passed(
    reader: PyavReader, index: MediaIndex, asked: Asked, run: int = 0, *, in_company: bool = False
) -> Seen:
    assert index.video is not None
    noted = Noted()
    frames = reader.read(
        index.video.times[:: asked.step].tolist(),
        max_side=asked.max_side,
        report=noted,
        run=run,
        in_company=in_company,
    )
    pictures: list[tuple[float, bytes]] = []
    error = ""
    try:
        for frame, _ in zip(frames, range(asked.most), strict=False):
            pictures.append((frame.time, frame.pixels.tobytes()))
    except VideoUnreadableError as failure:
        error = failure.message
    return Seen(pictures, noted.events, error)


def at_once(index: MediaIndex, reader: PyavReader) -> list[Seen]:
    """What comes of six passes that begin together."""
    start = threading.Barrier(len(SIX))

    def one(run: int) -> Seen:
        start.wait()
        return passed(reader, index, SIX[run], run, in_company=True)

    with ThreadPoolExecutor(len(SIX)) as threads:
        return list(threads.map(one, range(len(SIX))))


def frames_of(
    reader: PyavReader, index: MediaIndex, run: int
) -> Generator[DecodedFrame, None, None]:
    assert index.video is not None
    frames = reader.read(index.video.times.tolist(), max_side=80, run=run, in_company=True)
    return cast("Generator[DecodedFrame, None, None]", frames)


@pytest.mark.parametrize("name", ["b_frames.mp4", "long_gop.mp4", "vfr_b_frames.mp4"])
def test_six_passes_at_once_are_given_what_each_is_given_alone(drawn: Drawn, name: str) -> None:
    index = build_index(drawn(name))
    alone = [passed(PyavReader(index), index, asked) for asked in SIX]
    assert at_once(index, PyavReader(index)) == alone


def test_passes_that_go_the_same_way_decode_each_frame_once(drawn: Drawn) -> None:
    index = build_index(drawn("long_gop.mp4"))
    reader = PyavReader(index)
    with ThreadPoolExecutor(4) as threads:
        seen = list(
            threads.map(
                lambda run: passed(reader, index, Asked(run), run, in_company=True), (1, 2, 3, 5)
            )
        )
    assert reader.frames_decoded == 240
    assert [sum(kind == "decoded" for kind, *_ in one.events) for one in seen] == [
        240, 239, 238, 236,
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["h264.mp4", "mpeg4.avi", "h264.ts"])
def test_damage_looks_and_is_told_as_it_is_alone(tmp_path: Path, name: str, seed: int) -> None:
    choice = random.Random(f"{name} {seed}")
    data = bytearray(source(name))
    choice.choice(HARMS)(data, choice)
    path = tmp_path / name
    path.write_bytes(data)
    try:
        index = build_index(path)
    except VideoUnreadableError:
        return
    if index.video is None:
        return
    alone = [passed(PyavReader(index), index, asked) for asked in SIX]
    assert at_once(index, PyavReader(index)) == alone


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> int:
    """Room for four frames of 160 x 120, and little patience."""
    most = 4 * (160 * 120 * 3 // 2 + 512)
    monkeypatch.setattr(shared_decoders, "SHARED_BYTES", most)
    monkeypatch.setattr(shared_decoders, "PATIENCE_S", 0.01)
    return most


def test_who_stops_holds_nobody_up_and_no_more_memory_and_goes_on_later(
    drawn: Drawn, narrow: int
) -> None:
    index = build_index(drawn("long_gop.mp4"))
    reader = PyavReader(index)
    slow = frames_of(reader, index, 1)
    numbers = [number_of(next(slow).pixels) for _ in range(3)]
    for number, frame in enumerate(frames_of(reader, index, 2)):
        assert number_of(frame.pixels) == number
        assert reader._decoders._kept_bytes <= narrow + 40_000  # one frame more
    assert reader.frames_decoded == 240
    numbers += [number_of(frame.pixels) for frame in slow]
    assert numbers == list(range(240))
    assert reader.frames_decoded == 2 * 240  # from the start again, by itself


def test_two_passes_taken_in_turn_by_one_thread_go_on(drawn: Drawn, narrow: int) -> None:
    index = build_index(drawn("plain.mp4"))
    reader = PyavReader(index)
    pairs = zip(frames_of(reader, index, 1), frames_of(reader, index, 1), strict=True)
    for number, pair in enumerate(pairs):
        assert [number_of(frame.pixels) for frame in pair] == [number, number]


def test_who_leaves_takes_no_decoder_from_who_goes_on(drawn: Drawn) -> None:
    index = build_index(drawn("long_gop.mp4"))
    reader = PyavReader(index)
    first, second = frames_of(reader, index, 1), frames_of(reader, index, 2)
    for _ in range(20):
        next(first)
    next(second)
    first.close()
    assert [number_of(frame.pixels) for frame in second] == list(range(1, 240))
    assert reader.frames_decoded == 240
    noted = Noted()
    later = next(reader.read([2.0], report=noted, run=1))  # where the first one stood, and one on
    assert number_of(later.pixels) == 20
    assert noted.events == [("decoded", 20, 20), ("shown", 20, 20)]  # as if it were alone


def test_an_error_amid_a_step_is_that_of_one_pass(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = build_index(drawn("plain.mp4"))
    reader = PyavReader(index)
    first, second = frames_of(reader, index, 1), frames_of(reader, index, 2)
    next(second)
    with monkeypatch.context() as patch:
        patch.setattr(FrameCopier, "copy", lambda self, frame: (_ for _ in ()).throw(MemoryError))
        next(first)  # taken from what was decoded
        with pytest.raises(MemoryError):
            next(first)
    assert [number_of(frame.pixels) for frame in second] == list(range(1, 30))


@pytest.mark.parametrize(
    "name", ["h264.mp4", "turned.mov", "moving.gif", "mjpeg.avi", "vp9.webm", "png.mov", "ffv1.mkv"]
)
def test_a_copy_is_converted_as_the_frame_is(tmp_path: Path, name: str) -> None:
    import av

    path = tmp_path / name
    path.write_bytes(source(name))
    copier = FrameCopier()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            copy = copier.copy(frame)
            for size in ((frame.width, frame.height), (64, 36), (frame.width // 2 + 1, 51)):
                theirs, ours = (
                    picture.reformat(*size, "rgb24").to_ndarray() for picture in (frame, copy)
                )
                assert (theirs == ours).all()


def test_questions_on_one_file_share_the_decoder_process(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "clip.mp4", 120)
    pool = MediaPool()
    files = [open_media(path, pool=pool) for _ in range(6)]

    def read(number: int) -> list[int]:
        file = files[number]
        frames = file.frames(file.stream.times.tolist(), max_side=(160, 80)[number % 2])
        return [number_of(frame.pixels) for frame in frames]

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(read, range(6))) == [list(range(120))] * 6
    assert files[0]._shared.frames_decoded == 120
    assert [file.frames_decoded for file in files] == [120] * 6  # as each would have alone
    for file in files:
        file.close()


def test_a_decoder_that_dies_ends_all_passes(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "clip.mp4", 300)
    others = decoders()
    pool = MediaPool()
    files = [open_media(path, pool=pool) for _ in range(4)]

    def kill() -> None:
        for pid in decoders() - others:
            os.kill(pid, signal.SIGKILL)

    amid = threading.Barrier(4, kill)

    def read(number: int) -> str:
        frames = files[number].frames(files[number].stream.times.tolist())
        assert [number_of(next(frames).pixels) for _ in range(20)] == list(range(20))
        amid.wait()
        with pytest.raises(VideoUnreadableError) as caught:
            deque(frames, maxlen=0)
        return caught.value.message

    with ThreadPoolExecutor(4) as threads:
        messages = list(threads.map(read, range(4)))
    assert len(set(messages)) == 1
    assert "its decoder process died of SIGKILL" in messages[0]
    for file in files:
        file.close()
