from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media.bombs import packed
from tests.media.boxes import draw_png, png_chunk
from vprog.errors import VideoUnreadableError
from vprog.media.png_text import MAX_CHUNKS, check_png_text
from vprog.media.run_file import open_media

TEXT = b"Comment\0\0"
BOMB = packed(40)


def video_of(path: Path, pictures: list[bytes]) -> Path:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("png", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for number, picture in enumerate(pictures):
            packet: Any = av.Packet(picture)
            packet.pts = packet.dts = number
            packet.duration, packet.time_base, packet.stream = 1, Fraction(1, 10), stream
            packet.is_keyframe = True
            out.mux(packet)
    return path


def written(folder: Path, data: bytes) -> Path:
    path = folder / "a.png"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("kind", "head"), [(b"zTXt", b"Comment\0\0"), (b"iCCP", b"profile\0\0"), (b"zTXt", b"\0\0")]
)
def test_a_picture_whose_text_unpacks_to_too_much_is_unreadable(
    kind: bytes, head: bytes, tmp_path: Path
) -> None:
    path = written(tmp_path, draw_png(png_chunk(kind, head + BOMB)))
    with pytest.raises(VideoUnreadableError, match="unpack to more than 32 MB") as caught:
        open_media(path)
    assert caught.value.exit_code == 2


def test_many_texts_count_together(tmp_path: Path) -> None:
    texts = [png_chunk(b"zTXt", TEXT + packed(1))] * 40
    assert open_media(written(tmp_path, draw_png(*texts[:30]))).index.video is not None
    with pytest.raises(VideoUnreadableError, match="unpack to more"):
        open_media(written(tmp_path, draw_png(*texts)))


def test_a_picture_with_ordinary_texts_and_damaged_ones_is_read(tmp_path: Path) -> None:
    chunks = [
        png_chunk(b"zTXt", TEXT + packed(1)),
        png_chunk(b"zTXt", TEXT + b"no such packing"),
        png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB),  # FFmpeg leaves these packed
        png_chunk(b"zTXt", b""),
    ]
    picture = open_media(written(tmp_path, draw_png(*chunks))).picture(0.0)
    assert picture[0, 0].tolist() == [90, 10, 200]


@pytest.mark.parametrize("ending", ["mov", "avi"])
def test_frames_of_a_video_are_pictures_too(ending: str, tmp_path: Path) -> None:
    honest, bomb = draw_png(), draw_png(png_chunk(b"zTXt", TEXT + BOMB))
    path = video_of(tmp_path / f"a.{ending}", [honest, honest])
    assert open_media(path).picture(0.1)[0, 0].tolist() == [90, 10, 200]
    with pytest.raises(VideoUnreadableError, match="unpack to more than 32 MB"):
        open_media(video_of(tmp_path / f"b.{ending}", [honest, bomb]))


def test_a_picture_in_countless_parts_is_refused() -> None:
    part = png_chunk(b"tEXt", b"")
    with pytest.raises(VideoUnreadableError, match="parts"):
        check_png_text(memoryview(draw_png(part * MAX_CHUNKS)), "a.png")
