"""The boxes and tables of MP4 and MOV (ISO 14496-12), as far as they decide how one is opened.

FFmpeg follows a track's edits by making its table of packets anew beside the first one: of ten
hours that takes 55 MB, and more as long as both stand. Most files have edits that change no
packet: they say at which of its times the track begins, and that is followed without a table.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENTRY_BYTES = 36
"""Of a packet, in libavformat's tables: place, time and size 24, stamps 12."""

LARGE_TABLE = 4 * 2**20
"""Bytes: an hour of MP4 takes as much in a container, ten minutes a sixth of it."""

MOST_BOXES = 100_000
"""Boxes beyond this are not walked over."""

_MOST_PACKETS = 50_000_000
_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""With what a file of this family begins."""


class FileBox(NamedTuple):
    """Where a box begins, its content begins, and it ends, in bytes of the file.

    `stated` is where it says that it ends, which may lie behind what holds it.
    """

    kind: bytes
    at: int
    start: int
    end: int
    stated: int


def boxes(file: BinaryIO, at: int, end: int) -> Iterator[FileBox]:
    """The boxes one after the other; the last one may be cut short."""
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if at + 8 > end or len(head) < 8:
            return
        length, start = int.from_bytes(head[:4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        stated = at + length if length else end
        yield FileBox(head[4:8], at, start, min(end, stated), stated)
        if length < 8 or at + length >= end:
            return
        at += length


def may_leave_edits(file: BinaryIO, size: int) -> bool:
    """Whether a file with large tables can be opened without having its edits followed packet by
    packet: FFmpeg gives the same packets then, but does not mark the sound before second 0.

    Args:
        file: open for reading.
        size: of it, in bytes.
    """
    movie = None
    for box in boxes(file, 0, size):
        if box.kind == b"moov" or (box.at == 0 and box.kind not in _FIRST):
            movie = box if box.kind == b"moov" else None
            break
    parts = list(boxes(file, movie.start, movie.end)) if movie is not None else []
    tracks = [box for box in parts if box.kind == b"trak"]
    kinds = {box.kind for box in parts}
    if not tracks or b"mvhd" not in kinds or b"mvex" in kinds:  # fragments have tables of their own
        return False
    try:
        n_packets = sum(_n_packets(file, track) for track in tracks)
        if not LARGE_TABLE < n_packets * ENTRY_BYTES < _MOST_PACKETS * ENTRY_BYTES:
            return False
        scale = _length(file, next(box for box in parts if box.kind == b"mvhd"))[0]
        return all(_keeps_packets(file, track, scale) for track in tracks)
    except (ValueError, ArithmeticError, struct.error):  # damage: FFmpeg makes of it what it can
        return False


def _keeps_packets(file: BinaryIO, track: FileBox, movie_scale: int) -> bool:
    """Whether the edits of a track are one, which reaches over all that it holds.

    Sound may begin within it, as it does behind what its encoder puts before the first second.
    """
    import numpy as np

    edits = _find(file, track, b"edts", b"elst")
    if edits is None:
        return True
    file.seek(edits.start)
    data = file.read(28)
    if data[4:8] != b"\0\0\0\1":
        return False
    length, first = struct.unpack_from(">Qq" if data[0] else ">Ii", data, 8)
    scale, stated = _length(file, _need(file, track, b"mdia", b"mdhd"))
    end = first + (2 * length * scale + movie_scale) // (2 * movie_scale)
    if first < 0 or not length or abs(stated - end) > scale / 2:
        return False
    stamps, lengths = _stamps(file, track)
    handler = _need(file, track, b"mdia", b"hdlr")
    file.seek(handler.start + 8)
    if len(stamps) < 1 or int(stamps.max()) >= end:
        return False
    if file.read(4) == b"soun":
        return first <= scale and int(stamps[0]) == 0 and bool((stamps[1:] > stamps[:-1]).all())
    keys = _find(file, track, b"mdia", b"minf", b"stbl", b"stss")
    numbers = np.arange(len(stamps)) if keys is None else _table(file, keys, 1)[:, 0] - 1
    inner = numbers[numbers < len(stamps) - 1]
    return (
        int(stamps[0]) == first == int(stamps.min())
        and len(numbers) > 0
        and int(numbers[0]) == 0
        and not bool((stamps[inner] + lengths[inner] >= end).any())
    )


def _stamps(file: BinaryIO, track: FileBox) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When each packet of a track is shown, and its length, in the track's ticks."""
    import numpy as np

    n_packets = _n_packets(file, track)
    runs = _table(file, _need(file, track, b"mdia", b"minf", b"stbl", b"stts"), 2)
    if runs[:, 0].sum() != n_packets:
        raise ValueError
    lengths = runs[:, 1].repeat(runs[:, 0])
    stamps = lengths.cumsum(dtype=np.int64) - lengths
    shifts = _find(file, track, b"mdia", b"minf", b"stbl", b"ctts")
    if shifts is not None:
        runs = _table(file, shifts, 2)
        if runs[:, 0].sum() != n_packets or (runs[:, 1] >= 2**31).any():  # or below zero
            raise ValueError
        stamps += runs[:, 1].repeat(runs[:, 0])
    return stamps, lengths


def _n_packets(file: BinaryIO, track: FileBox) -> int:
    sizes = _find(file, track, b"mdia", b"minf", b"stbl", b"stsz")
    if sizes is None:
        return 0
    file.seek(sizes.start + 4)
    of_all, count = struct.unpack(">II", file.read(8))
    return 0 if of_all else int(count)


def _length(file: BinaryIO, header: FileBox) -> tuple[int, int]:
    """The ticks a second and the length that the header of a movie or of a track states."""
    file.seek(header.start)
    data = file.read(32)
    scale, length = struct.unpack_from(">IQ" if data[0] else ">II", data, 20 if data[0] else 12)
    return scale, length


def _table(file: BinaryIO, box: FileBox, n_columns: int) -> NDArray[np.int64]:
    import numpy as np

    file.seek(box.start + 4)
    count = int.from_bytes(file.read(4), "big")
    n_bytes = 4 * n_columns * count
    if n_bytes > box.end - box.start - 8:
        raise ValueError
    return np.frombuffer(file.read(n_bytes), ">u4").reshape(-1, n_columns).astype(np.int64)


def _need(file: BinaryIO, box: FileBox, *path: bytes) -> FileBox:
    found = _find(file, box, *path)
    if found is None:
        raise ValueError
    return found


def _find(file: BinaryIO, box: FileBox, *path: bytes) -> FileBox | None:
    """A box by its way down from another; None where there is none, or where one is twice there."""
    for kind in path:
        found = [part for part in boxes(file, box.start, box.end) if part.kind == kind]
        if len(found) != 1:
            return None
        box = found[0]
    return box
