"""Files whose edits change no packet are opened without a second table, and read the same."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.boxes import parts_of
from tests.media.fuzz_sources import source
from vprog.media import movie_tables, opening
from vprog.media.file_readers import Decoders
from vprog.media.index import MediaIndex
from vprog.media.opening import identify, leaves_edits, open_container


@pytest.fixture
def table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every table were that of ten hours."""
    monkeypatch.setattr(movie_tables, "LARGE_TABLE", 0)
    opening._may_leave_edits.cache_clear()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Puts a drawn file of a name into a folder."""

    def write(name: str) -> Path:
        (tmp_path / name).write_bytes(source(name))
        return tmp_path / name

    return write


def is_left(path: Path) -> bool:
    """Whether the edits of a file are left when it is opened."""
    with open_container(*identify(path)) as container:
        return leaves_edits(container)


def all_read(path: Path) -> tuple[MediaIndex, list[float], list[Any], list[Any]]:
    """The index of a file; times and pictures of frames there and back; sound of spans."""
    decoders = Decoders(*identify(path))
    index = decoders.index()
    end = index.duration
    times = [] if index.video is None else [*index.video.times, end, 0.3, end / 2, end / 3]
    frames = list(decoders.reader("").read(times)) if times else []
    spans = [(0.0, end), (0.2, 0.9), (end / 2, end), (end - 0.2, end)] if index.sounds else []
    sounds = [decoders.sound().read(*span) for span in spans]
    decoders.close()
    return index, [frame.time for frame in frames], [frame.pixels for frame in frames], sounds


@pytest.mark.parametrize(
    "name", ["h264.mp4", "turned.mov", "cover.mp4", "beeps.m4a", "jfk_on_grey.mp4", "fades.mp4"]
)
def test_file_whose_edits_are_left_reads_the_same(
    name: str, written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(name)
    assert not is_left(path)
    index, times, pictures, sounds = all_read(path)

    monkeypatch.setattr(movie_tables, "LARGE_TABLE", 0)
    opening._may_leave_edits.cache_clear()
    assert is_left(path)

    again, times_again, pictures_again, sounds_again = all_read(path)
    assert times_again == times
    for one, other in zip(pictures + sounds, pictures_again + sounds_again, strict=True):
        assert np.array_equal(one, other)
    for name in {field.name for field in fields(index)} - {"video", "sounds"}:
        assert getattr(again, name) == getattr(index, name)
    if index.video is not None and again.video is not None:
        assert np.array_equal(again.video.times, index.video.times)
        assert np.array_equal(again.video.keyframes, index.video.keyframes)
        assert (again.video.fps, again.video.n_stated) == (index.video.fps, index.video.n_stated)
    for one, other in zip(index.sounds, again.sounds, strict=True):
        assert (one.start, one.duration, one.jumps) == (other.start, other.duration, other.jumps)


@pytest.mark.parametrize(
    "name",
    [
        "fragments.mp4",  # tables of its own in each fragment
        "compressed.mov",  # tables that are not seen
        "animation.mov",  # sound that is no AAC, of one size
        "h264.mkv",
        "beeps.wav",
        "still.png",
    ],
)
def test_file_of_which_it_is_not_known_keeps_its_edits(
    name: str, table_is_large: None, written: Callable[[str], Path]
) -> None:
    assert not is_left(written(name))


def edited(data: bytes, number: int, longer: int, later: int) -> bytes:
    """A file in which the edit of a track lasts longer, in the movie's ticks, and begins later."""
    changed = bytearray(data)
    part = [part for part in parts_of(data) if part.kind == b"elst"][number]
    length, first = struct.unpack_from(">Ii", data, part.start + 8)
    struct.pack_into(">Ii", changed, part.start + 8, length + longer, first + later)
    return bytes(changed)


@pytest.mark.parametrize(
    ("number", "longer", "later"),
    [
        (0, 0, 512),  # the picture begins within the file
        (0, -700, 0),  # and ends before it does
        (0, 3_000, 0),  # it is said to be longer: that is told as missing
        (0, 0, -1_000_000),  # a time before the first
        (1, -700, 0),  # the sound ends before it does
        (1, 0, 90_000),  # more than a second of it is left out
    ],
)
def test_edits_that_cut_are_followed(
    number: int, longer: int, later: int, table_is_large: None, tmp_path: Path
) -> None:
    path = tmp_path / "edited.mp4"
    path.write_bytes(edited(source("h264.mp4"), number, longer, later))
    assert not is_left(path)


def test_tables_that_lie_keep_the_edits(table_is_large: None, tmp_path: Path) -> None:
    data = source("h264.mp4")
    for kind in (b"stts", b"ctts", b"stsz", b"mdhd", b"elst"):
        for value in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
            part = next(part for part in parts_of(data) if part.kind == kind)
            lying = bytearray(data)
            struct.pack_into(">I", lying, part.start + 4 + 8 * (kind == b"mdhd"), value)
            path = tmp_path / f"{kind.decode()}_{value}.mp4"
            path.write_bytes(lying)
            with path.open("rb") as file:
                is_as_it_was = bytes(lying) == data
                assert movie_tables.may_leave_edits(file, len(lying)) == is_as_it_was
