"""One decode for all who read a file: exact counts, pictures as if each read alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.drawing import number_of
from tests.media.conftest import Drawn
from vprog.media.decoder.decoder_process import decoding
from vprog.media.file import open_media
from vprog.media.frame_pool import POOL_BYTES
from vprog.media.index import MediaIndex, build_index
from vprog.media.pyav_reader import PyavReader
from vprog.media.reader import DecodedFrame, Tally
from vprog.media.shared_file import MediaPool

ALL = [number / 10 for number in range(60)]  # b_frames.mp4 has 60 frames, keyframes at 0 and 30


def tallies_of(index: MediaIndex, n_reads: int) -> list[Tally]:
    assert index.video is not None
    return [Tally(index.path.name, index.video) for _ in range(n_reads)]


def in_turn(reads: list[Iterator[DecodedFrame]]) -> list[list[int]]:
    """The frames of reads that each take one after the other."""
    numbers: list[list[int]] = [[] for _ in reads]
    going = list(enumerate(reads))
    while going:
        for which, read in list(going):
            frame = next(read, None)
            if frame is None:
                going.remove((which, read))
            else:
                numbers[which].append(number_of(frame.pixels))
    return numbers


@pytest.mark.parametrize("max_side", [None, 80], ids=["as filmed", "small"])
def test_frame_pool_feeds_reads_side_by_side_from_one_decode(
    drawn: Drawn, max_side: int | None
) -> None:
    index = build_index(drawn("b_frames.mp4"))
    reader, tallies = PyavReader(index), tallies_of(index, 4)
    plans = [(ALL, None), (ALL, max_side), (ALL[::3], 80), (ALL[::10], 120)]
    reads = [
        reader.read(times, max_side=side, report=tally)
        for (times, side), tally in zip(plans, tallies, strict=True)
    ]
    steps = [1, 1, 3, 10]
    assert in_turn(reads) == [list(range(0, 60, step)) for step in steps]
    # Frame 30 twice: one jumped to it, and one who came from 27 had to see that none is lost there.
    assert reader.frames_decoded == 61
    assert sum(tally.frames_decoded for tally in tallies) == 61


def test_frame_pool_gives_who_comes_later_what_was_decoded(drawn: Drawn) -> None:
    index = build_index(drawn("b_frames.mp4"))
    reader, (first, second) = PyavReader(index), tallies_of(index, 2)
    ahead = reader.read(ALL, report=first)
    for _ in range(25):
        next(ahead)
    assert in_turn([reader.read(ALL, report=second), ahead])[0] == list(range(60))
    assert reader.frames_decoded == 60
    list(reader.read(ALL[::-1], max_side=80))  # afterwards as well, in any order
    assert reader.frames_decoded == 60


def test_frame_pool_is_equal_in_a_decoder_process(drawn: Drawn) -> None:
    pool = MediaPool(open_decoding=decoding())
    files = [open_media(drawn("b_frames.mp4"), pool=pool) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        passes = list(
            threads.map(lambda file: [number_of(f.pixels) for f in file.frames(ALL)], files)
        )
    assert passes == [list(range(60))] * 4
    assert sum(file.frames_decoded for file in files) == 60
    for file in files:
        file.close()


def test_frame_pool_goes_on_when_a_read_is_left(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("b_frames.mp4")))
    left, kept = (reader.read(ALL) for _ in range(2))
    for read in (left, kept, left, kept, left):
        next(read)
    left.close()  # type: ignore[attr-defined]
    assert [number_of(frame.pixels) for frame in kept] == list(range(2, 60))
    assert reader.frames_decoded == 60


def test_frame_pool_goes_on_when_a_read_fails_amid_a_frame(drawn: Drawn) -> None:
    index = build_index(drawn("b_frames.mp4"))

    class Spent(Tally):
        def decoded(self, number: int) -> None:
            if number == 20:
                raise TimeoutError

    assert index.video is not None
    reader = PyavReader(index)
    kept = reader.read(ALL)
    next(kept)
    with pytest.raises(TimeoutError):
        list(reader.read(ALL, report=Spent("spent", index.video)))
    assert [number_of(frame.pixels) for frame in kept] == list(range(1, 60))
    assert reader.frames_decoded <= 60 + 21  # the group again, in which it failed


def test_frame_pool_stays_small_and_leaves_a_slow_read_behind(drawn: Drawn) -> None:
    index = build_index(drawn("long_gop.mp4"))
    frame_bytes = 320 * 240 * 3 // 2
    reader = PyavReader(index, pool_bytes=30 * 2 * frame_bytes)
    times = [number / 10 for number in range(240)]
    slow, fast = reader.read(times), reader.read(times)
    next(slow)
    for number, frame in enumerate(fast):
        assert number_of(frame.pixels) == number
        assert reader._pool._bytes <= 30 * 2 * frame_bytes
    assert [number_of(frame.pixels) for frame in slow] == list(range(1, 240))
    assert 240 < reader.frames_decoded <= 2 * 240


def test_frame_pool_keeps_what_a_sparse_read_still_wants(drawn: Drawn) -> None:
    index = build_index(drawn("long_gop.mp4"))
    reader = PyavReader(index, pool_bytes=40 * 320 * 240 * 3 // 2)
    sparse = reader.read([number / 10 for number in range(0, 240, 12)])
    next(sparse)
    list(reader.read([number / 10 for number in range(240)]))
    assert [number_of(frame.pixels) for frame in sparse] == list(range(12, 240, 12))
    assert reader.frames_decoded == 240


@pytest.mark.parametrize("name", ["corrupted_packets.mp4", "truncated_tail.mp4"])
def test_frame_pool_shares_nothing_of_a_damaged_file(media_dir: Path, name: str) -> None:
    index = build_index(media_dir / "broken" / name)
    assert index.video is not None
    times = index.video.times.tolist()
    plans = [times, times[::2], times[len(times) // 2 :]]
    alone, shared = tallies_of(index, 3), tallies_of(index, 3)
    pictures = [
        [
            (frame.time, frame.pixels.tobytes())
            for frame in PyavReader(index).read(plan, report=tally)
        ]
        for plan, tally in zip(plans, alone, strict=True)
    ]
    reader = PyavReader(index)
    reads = [reader.read(plan, report=tally) for plan, tally in zip(plans, shared, strict=True)]
    given: list[list[tuple[float, bytes]]] = [[] for _ in reads]
    for step in range(len(times)):
        for which, read in enumerate(reads):
            if step < len(plans[which]):
                frame = next(read)
                given[which].append((frame.time, frame.pixels.tobytes()))
    assert given == pictures
    assert [tally.warnings for tally in shared] == [tally.warnings for tally in alone]
    assert [tally.damage for tally in shared] == [tally.damage for tally in alone]


def test_frame_pool_keeps_only_asked_frames_of_a_lone_read(drawn: Drawn) -> None:
    reader = PyavReader(build_index(drawn("long_gop.mp4")))
    list(reader.read([0.0, 5.0, 10.0]))
    assert list(reader._pool._frames) == [0, 50, 100]
    assert reader._pool._bytes < POOL_BYTES
    reader.close()
    assert not reader._pool._frames
