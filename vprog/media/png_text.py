"""Compressed texts and colour profiles in PNG pictures: what unpacks to too much is refused.

FFmpeg unpacks them before the first pixel, each time that it decodes the picture, a thousand
bytes out of one, and sets no bound.
"""

from __future__ import annotations

import mmap
import os
import zlib

from vprog.errors import VideoUnreadableError

MAX_UNPACKED = 32 * 2**20
"""Bytes of all texts and profiles of a file: profiles of printers have 2 MB."""

MAX_CHUNKS = 200_000
"""A picture of the largest size in chunks of 8 KB has fewer."""

PNG_CODECS = frozenset({"png", "apng"})

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PACKED = (b"zTXt", b"iCCP")
"""FFmpeg leaves iTXt packed."""

_LONGEST_NAME = 80


def check_png_file(descriptor: int, shown: str) -> None:
    """Refuse a file that is such a picture; one of any other kind passes.

    Args:
        descriptor: of the file, open at its start, where it is left.
        shown: its name, for the message.

    Raises:
        VideoUnreadableError: its texts unpack to too much.
    """
    is_png = os.read(descriptor, len(_SIGNATURE)) == _SIGNATURE
    os.lseek(descriptor, 0, os.SEEK_SET)
    if is_png:
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
            check_png_text(data, shown)


def check_png_text(data: mmap.mmap | memoryview, shown: str) -> None:
    """Refuse a picture, with or without the signature of PNG.

    Args:
        data: the picture's bytes.
        shown: the name of its file, for the message.

    Raises:
        VideoUnreadableError: its texts unpack to too much.
    """
    at = len(_SIGNATURE) if data[: len(_SIGNATURE)] == _SIGNATURE else 0
    left = MAX_UNPACKED
    for _ in range(MAX_CHUNKS):
        start = at + 8
        length = int.from_bytes(data[at : at + 4], "big")
        if start > len(data):
            return
        if data[at + 4 : start] in _PACKED:
            # A name, a zero, the number of the method, and the packed text.
            name = bytes(data[start : start + _LONGEST_NAME + 1]).find(b"\0")
            left -= _unpacked(data[start + name + 2 : start + length], left)
            if left < 0:
                raise VideoUnreadableError(
                    f'"{shown}" is not read: its compressed texts and profiles unpack to more '
                    f"than {MAX_UNPACKED >> 20} MB.",
                    hint="Save the picture without them.",
                )
        at = start + length + 4  # a checksum
    raise VideoUnreadableError(
        f'"{shown}" is not read: it has more than {MAX_CHUNKS:,} parts.', hint="Save it anew."
    )


def _unpacked(packed: bytes | memoryview, most: int) -> int:
    """How many bytes come out of it; one more than `most` where there are more."""
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1))
    except zlib.error:  # FFmpeg gives up at the same place
        return 0
