"""Small files that ask for much: memory, time, depth. Each is made from its number."""

from __future__ import annotations

import functools
import io
import random
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.drawing import draw_subtitled
from tests.media.boxes import Part, compress_movie, draw_png, iso_box, parts_of, png_chunk
from tests.media.fuzz_sources import source

_MEGABYTE = 2**20
_HUGE = 0xFFFFFFFF


@functools.cache
def packed(megabytes: int, byte: bytes = b"a") -> bytes:
    """So many megabytes of one letter in a thousandth of the space."""
    packer = zlib.compressobj(9)
    block = byte * _MEGABYTE
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def text_bomb(choice: random.Random) -> tuple[str, bytes]:
    """A picture with compressed texts or a profile that are much longer than it."""
    megabytes, count = choice.choice(((40, 1), (300, 1), (1500, 1), (20, 40)))
    content = packed(megabytes)
    make = choice.choice((_ztxt, _itxt, _iccp))
    return "png", draw_png(*[make(content)] * count)


def movie_bomb(choice: random.Random) -> tuple[str, bytes]:
    """A compressed movie box that is larger than it says, or says that it is larger."""
    stated = choice.choice((0, 1, 100_000, 900 * _MEGABYTE, 0x7FFFFFFF, _HUGE))
    content = packed(choice.choice((1, 900)), b"\0") if choice.random() < 0.7 else b""
    return "mov", compress_movie(source("turned.mov"), stated, content)


def nested(choice: random.Random) -> tuple[str, bytes]:
    """Parts in parts in parts."""
    depth = choice.choice((100, 5_000, 100_000))
    if choice.random() < 0.5:
        kinds = choice.choice(((b"moov",), (b"trak", b"mdia"), (b"udta", b"meta"), (b"moof",)))
        total = 8 * depth
        head = b"".join(
            struct.pack(">I", total - 8 * level) + kinds[level % len(kinds)]
            for level in range(depth)
        )
        return "mp4", iso_box(b"ftyp", b"isom\0\0\2\0isom") + head
    head = source("subrip.mkv")[:60]
    kind = choice.choice((b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\xae", b"\x45\xb9\xb6"))
    return "mkv", head + (kind + b"\x01" + b"\xff" * 7) * depth


def long_table(choice: random.Random) -> tuple[str, bytes]:
    """A table of samples, edits or sizes that says it is without end, and holds much."""
    data = source(choice.choice(("h264.mp4", "turned.mov", "h265.mp4", "text.mp4")))
    wanted = choice.choice((b"stts", b"ctts", b"stsz", b"stsc", b"stco", b"elst", b"stss"))
    tables = [part for part in parts_of(data) if part.kind == wanted]
    tables = tables or [part for part in parts_of(data) if part.kind == b"stts"]
    table = choice.choice(tables)
    count = choice.choice((1000, 1_000_000, 0x0FFFFFFF, _HUGE))
    rows = struct.pack(
        ">II", choice.choice((1, 1000, 0x7FFFFFFF, _HUGE)), choice.choice((0, 1, 512))
    )
    body = rows * min(count, choice.choice((1, 1000, 200_000)))
    flags = data[table.start : table.start + 4]
    zeros = b"\0\0\0\0" if wanted == b"stsz" else b""
    box = iso_box(wanted, flags + zeros + struct.pack(">I", count) + body)
    return "mp4", _grown(data, table, box)


def huge_picture(choice: random.Random) -> tuple[str, bytes]:
    """A picture whose header says that it is enormous."""
    width, height = choice.choice(
        ((8192, 8192), (16384, 4096), (65535, 1000), (1, 2**26), (100_000, 100_000), (2**31 - 1, 1))
    )
    kind = choice.choice(("png", "gif", "bmp", "tiff", "jpg", "h264"))
    if kind == "png":
        return "png", draw_png(width=width, height=height)
    if kind == "h264":
        return "mkv", source("h264.mkv").replace(b"\xb0\x81\xa0", b"\xb0\x84" + struct.pack(
            ">I", width), 1)  # fmt: skip
    from PIL import Image

    small = io.BytesIO()
    Image.new("P" if kind == "gif" else "RGB", (61, 59)).save(
        small, {"jpg": "JPEG"}.get(kind, kind.upper())
    )
    data = small.getvalue()
    order = ">" if kind == "jpg" else "<"
    for size in ("I", "H"):
        old = (struct.pack(f"{order}{size}", 61), struct.pack(f"{order}{size}", 59))
        most = 0xFFFF if size == "H" else _HUGE
        for value, side in zip(old, (width, height), strict=True):
            data = data.replace(value, struct.pack(f"{order}{size}", min(side, most)), 1)
    return kind, data


def odd_subtitles(choice: random.Random) -> tuple[str, bytes]:
    """Subtitles in a file whose packets hold what no subtitle holds."""
    texts = [_odd_text(choice) for _ in range(choice.choice((1, 3, 200)))]
    lines = [(text, 10 * number, 10 * number + 900) for number, text in enumerate(texts)]
    codec, ending = choice.choice((("subrip", "mkv"), ("ass", "mkv"), ("mov_text", "mp4")))
    most = 15_000 if codec == "mov_text" else 400_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"odd.{ending}"
        draw_subtitled(
            path, codec, [(text[:most], start, end) for text, start, end in lines],
            encoding=choice.choice(("utf-8", "utf-16", "utf-7", "gb18030")),
        )  # fmt: skip
        data = bytearray(path.read_bytes())
    for _ in range(choice.choice((0, 0, 20))):
        data[choice.randrange(len(data))] = choice.randrange(256)
    return ending, bytes(data)


def many_tracks(choice: random.Random) -> tuple[str, bytes]:
    """A file with more tracks than anybody has use for."""
    data = source("h264.mp4")
    track = choice.choice([part for part in parts_of(data) if part.kind == b"trak"])
    box = data[track.size_at : track.end]
    return "mp4", _grown(data, track, box * choice.choice((20, 300, 2000)))


BOMBS: tuple[Callable[[random.Random], tuple[str, bytes]], ...] = (
    text_bomb, movie_bomb, nested, long_table, huge_picture, odd_subtitles, odd_subtitles,
    many_tracks,
)  # fmt: skip
"""Each gives the ending of the file's name, and its bytes."""


def _grown(data: bytes, part: Part, box: bytes) -> bytes:
    """A file with other bytes in place of one box, the sizes of those around it put right."""
    grown = bytearray(data)
    more = len(box) - (part.end - part.size_at)
    for around in parts_of(data):
        if around.start <= part.size_at and part.end <= around.end and around != part:
            size = around.end - around.size_at + more
            grown[around.size_at : around.size_at + 4] = struct.pack(">I", size)
    grown[part.size_at : part.end] = box
    return bytes(grown)


def _odd_text(choice: random.Random) -> str:
    unit = choice.choice(
        ("{", "{\\p1}", "{\\k1}", "<", "<i>", "&#1", "\\N", "\n", "\0", "\u202e", "\x1b[2J", "é",
         "-->", "[Events]", "Dialogue: 0,", ",", "x")
    )  # fmt: skip
    return unit * choice.choice((1, 50, 20_000))


def _ztxt(content: bytes) -> bytes:
    return png_chunk(b"zTXt", b"Comment\0\0" + content)


def _itxt(content: bytes) -> bytes:
    return png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + content)


def _iccp(content: bytes) -> bytes:
    return png_chunk(b"iCCP", b"profile\0\0" + content)
