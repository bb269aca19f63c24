"""The parts that files consist of: ISO boxes, EBML elements, RIFF and PNG chunks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

_ISO_PARENTS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"moof", b"traf", b"mvex"}
    | {b"dinf", b"cmov", b"wave"}
)
_EBML_PARENTS = frozenset(
    bytes.fromhex(number)
    for number in (
        *("18538067", "1549a966", "1654ae6b", "ae", "e0", "e1", "1f43b675", "a0", "1043a770"),
        *("45b9", "b6", "80", "114d9b74", "4dbb", "1c53bb6b", "bb", "b7", "6d80", "6240", "5034"),
    )
)
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


class Part(NamedTuple):
    """Where a part of a file stands.

    Attributes:
        size_at: where its size is written, in `size_bytes` bytes.
        start: where its content begins.
        end: where it ends.
    """

    kind: bytes
    size_at: int
    size_bytes: int
    start: int
    end: int


def parts_of(data: bytes) -> list[Part]:
    """The parts of a file of one of these families; [] for any other."""
    if data[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free"):
        return list(_iso(data, 0, len(data)))
    if data[:4] == b"\x1aE\xdf\xa3":
        return list(_ebml(data, 0, len(data)))
    if data[:4] in (b"RIFF", b"FORM"):
        return list(_riff(data, 0, len(data), "<" if data[:4] == b"RIFF" else ">"))
    if data[:8] == _PNG_HEAD:
        return list(_png(data))
    return []


def iso_box(kind: bytes, content: bytes) -> bytes:
    """A box of ISO 14496-12."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG file, with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + _crc(kind + content)


def draw_png(*chunks: bytes, width: int = 64, height: int = 48) -> bytes:
    """A small picture with chunks between its header and its pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    row = b"\0" + bytes((90, 10, 200)) * width
    pixels = png_chunk(b"IDAT", zlib.compress(row * min(height, 48)))
    return _PNG_HEAD + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def compress_movie(data: bytes, stated: int | None = None, content: bytes = b"") -> bytes:
    """A QuickTime file whose movie box is compressed.

    Args:
        data: a file whose movie box stands behind its samples.
        stated: how long the header says that the box is; by default as long as it is.
        content: what stands compressed in its place.
    """
    movie = next(part for part in parts_of(data) if part.kind == b"moov")
    box = data[movie.size_at : movie.end]
    packed = content or zlib.compress(box)
    size = struct.pack(">I", len(box) if stated is None else stated)
    inner = iso_box(b"dcom", b"zlib") + iso_box(b"cmvd", size + packed)
    return data[: movie.size_at] + iso_box(b"moov", iso_box(b"cmov", inner)) + data[movie.end :]


def with_checksums(data: bytes) -> bytes:
    """A PNG file with its checksums put right, so that damage is not seen at once."""
    fixed = bytearray(data)
    for part in _png(data):
        fixed[part.end - 4 : part.end] = _crc(bytes(fixed[part.start - 4 : part.end - 4]))
    return bytes(fixed)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _iso(data: bytes, at: int, stop: int) -> Iterator[Part]:
    while at + 8 <= stop:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = stop if size == 0 else at + size
        if size == 1 or end > stop or end < at + 8:
            return
        yield Part(kind, at, 4, at + 8, end)
        if kind in _ISO_PARENTS:
            yield from _iso(data, at + 8, end)
        at = end


def _ebml(data: bytes, at: int, stop: int) -> Iterator[Part]:
    while at < stop:
        n_kind = 9 - data[at].bit_length()
        size_at = at + n_kind
        if n_kind > 4 or size_at >= stop:
            return
        n_size = 9 - data[size_at].bit_length()
        if n_size > 8:
            return
        start = size_at + n_size
        size = int.from_bytes(data[size_at:start], "big") & ((1 << 7 * n_size) - 1)
        end = stop if size == (1 << 7 * n_size) - 1 else start + size
        if end > stop:
            return
        kind = data[at:size_at]
        yield Part(kind, size_at, n_size, start, end)
        if kind in _EBML_PARENTS:
            yield from _ebml(data, start, end)
        at = end


def _riff(data: bytes, at: int, stop: int, order: str) -> Iterator[Part]:
    while at + 8 <= stop:
        kind = data[at : at + 4]
        (size,) = struct.unpack_from(f"{order}I", data, at + 4)
        end = min(stop, at + 8 + size)
        yield Part(kind, at + 4, 4, at + 8, end)
        if kind in (b"RIFF", b"LIST", b"FORM"):
            yield from _riff(data, at + 12, end, order)
        at = end + end % 2


def _png(data: bytes) -> Iterator[Part]:
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        yield Part(data[at + 4 : at + 8], at, 4, at + 8, end)
        at = end
