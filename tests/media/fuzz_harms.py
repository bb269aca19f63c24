"""Ways to damage a file: blind ones, and those that make one of its parts lie."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.media.boxes import parts_of, with_checksums

_ABSURD = (0, 1, 2, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
           0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)  # fmt: skip
_HEAD = 600
"""Bytes in which most files without known parts say what they are."""

Harm = Callable[[bytearray, random.Random], None]


def flip_bits(data: bytearray, choice: random.Random) -> None:
    """Some bits anywhere, or in the header."""
    end = choice.choice((len(data), min(len(data), _HEAD)))
    for _ in range(choice.choice((1, 8, 60, 400))):
        data[choice.randrange(end)] ^= 1 << choice.randrange(8)


def overwrite(data: bytearray, choice: random.Random) -> None:
    """A run of bytes becomes noise, zeros or ones."""
    start, size = _piece(data, choice)
    fill = choice.choice((b"\0", b"\xff", None))
    data[start : start + size] = choice.randbytes(size) if fill is None else fill * size


def cut(data: bytearray, choice: random.Random) -> None:
    """The end is missing."""
    del data[choice.randrange(1, len(data)) :]


def remove(data: bytearray, choice: random.Random) -> None:
    """A piece is missing."""
    start, size = _piece(data, choice)
    if size < len(data):
        del data[start : start + size]


def repeat(data: bytearray, choice: random.Random) -> None:
    """A piece stands once more, somewhere."""
    start, size = _piece(data, choice)
    place = choice.randrange(len(data))
    data[place:place] = bytes(data[start : start + size]) * choice.choice((1, 1, 1, 50))


def poke(data: bytearray, choice: random.Random) -> None:
    """An absurd number in the header: a size, a rate, a count."""
    _write(data, choice.randrange(min(len(data), _HEAD)), choice)


def lie_about_size(data: bytearray, choice: random.Random) -> None:
    """A part states another size than it has."""
    parts = parts_of(bytes(data))
    if not parts:
        return poke(data, choice)
    part = choice.choice(parts)
    size = part.size_bytes
    near = part.end - part.start + choice.randint(-9, 9)
    value = choice.choice((*_ABSURD, near, len(data))) % (1 << 8 * size)
    data[part.size_at : part.size_at + size] = value.to_bytes(size, "big")


def lie_in_field(data: bytearray, choice: random.Random) -> None:
    """Numbers in the parts of a header are absurd: dimensions, durations, counts, time bases."""
    small = [part for part in parts_of(bytes(data)) if 0 < part.end - part.start < 4096]
    for _ in range(choice.choice((1, 1, 3))):
        if not small:
            return poke(data, choice)
        part = choice.choice(small)
        if choice.random() < 0.3:  # all of it: EBML's numbers fill their elements
            size = part.end - part.start
            data[part.start : part.end] = choice.choice((b"\0", b"\x7f", b"\xff")) * size
        else:
            _write(data, choice.randrange(part.start, part.end), choice)
    if data[:4] == b"\x89PNG":
        data[:] = with_checksums(bytes(data))


def shuffle_parts(data: bytearray, choice: random.Random) -> None:
    """Parts stand in each other's places, or twice, or not at all."""
    parts = parts_of(bytes(data))
    if len(parts) < 2:
        return repeat(data, choice)
    one, other = choice.choice(parts), choice.choice(parts)
    head = 4 + one.size_bytes
    piece = bytes(data[max(0, one.start - head) : one.end]) * choice.choice((0, 1, 1, 200))
    data[other.start : other.start if choice.random() < 0.5 else other.end] = piece[: 2**21]


HARMS: tuple[Harm, ...] = (
    flip_bits, overwrite, cut, remove, repeat, poke, lie_about_size, lie_in_field, lie_in_field,
    shuffle_parts,
)  # fmt: skip


def splice(data: bytearray, other: bytes, choice: random.Random) -> None:
    """A piece of another file stands in this one, or the other goes on where it ends."""
    start, size = _piece(bytearray(other), choice)
    place = choice.choice((len(data), choice.randrange(len(data))))
    data[place : place + choice.choice((0, size))] = other[start : start + size]


def _piece(data: bytearray, choice: random.Random) -> tuple[int, int]:
    start = choice.randrange(len(data))
    return start, choice.randint(1, max(1, min(len(data) - start, choice.choice((16, 20_000)))))


def _write(data: bytearray, at: int, choice: random.Random) -> None:
    size = choice.choice((1, 2, 4, 4, 4, 8))
    value = choice.choice(_ABSURD) % (1 << 8 * size)
    data[at : at + size] = value.to_bytes(size, choice.choice(("big", "little")))
