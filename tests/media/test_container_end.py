"""Where a file ends by its own structure: tags and filling behind it are no lost matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from tests.drawing import draw_video
from tests.media.conftest import half_second_beeps
from tests.media.joined import join
from vprog.media.container_end import MOST_TAIL, tags_begin
from vprog.media.run_file import open_media

LARGE = 60_000
"""Bytes of a tag with a cover picture."""


def _sound(path: Path, codec: str, seconds: float = 2.0) -> Path:
    """A tone, as a file of bare sound."""
    times = np.arange(int(16_000 * seconds)) / 16_000
    tone = (8_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=16_000)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 16_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _grown(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join((path.read_bytes(), *parts)))
    return path


def _ape_tag(length: int) -> bytes:
    """A tag of one binary item, with header and footer."""
    item = length.to_bytes(4, "little") + b"\2\0\0\0Cover Art (Front)\0" + b"\xff\xfb\x90" * (
        length // 3
    ) + b"\0" * (length % 3)  # fmt: skip
    size = (len(item) + 32).to_bytes(4, "little")

    def end(flags: int) -> bytes:
        return b"APETAGEX" + (2000).to_bytes(4, "little") + size + b"\1\0\0\0" + flags.to_bytes(
            4, "little"
        ) + bytes(8)  # fmt: skip

    return end(0xA0000000) + item + end(0x80000000)


def _chunk(name: bytes, length: int) -> bytes:
    return name + length.to_bytes(4, "little") + b"\x55" * (length + length % 2)


def _wav_with_tags(folder: Path) -> Path:
    path = _sound(folder / "tagged.wav", "pcm_s16le")
    return _grown(path, _chunk(b"smpl", 60), _chunk(b"id3 ", LARGE + 1), _chunk(b"LIST", 90))


def _mp3_with_tags(folder: Path) -> Path:
    path = _sound(folder / "tagged.mp3", "mp3")
    return _grown(path, _ape_tag(LARGE), b"TAG" + b"x" * 125)


def _aac_with_tags(folder: Path) -> Path:
    return _grown(_sound(folder / "tagged.aac", "aac"), _ape_tag(LARGE))


def _element(name: int, body: bytes) -> bytes:
    """An EBML element with a length of eight bytes."""
    text = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return text + (len(body) | 1 << 56).to_bytes(8, "big") + body


def _mkv_with_attachment(folder: Path) -> Path:
    """The segment's length is set anew, as mkvpropedit does."""
    path = draw_video(folder / "attached.mkv", tone=half_second_beeps)
    data = path.read_bytes()
    at = data.index(b"\x18\x53\x80\x67") + 4
    attached = _element(0x61A7, _element(0x466E, b"font.ttf") + _element(0x465C, b"f" * LARGE))
    body = data[at + 8 :] + _element(0x1941A469, attached)
    path.write_bytes(data[:at] + (len(body) | 1 << 56).to_bytes(8, "big") + body)
    return path


def _wav_with_filling(folder: Path) -> Path:
    return _grown(_sound(folder / "filled.wav", "pcm_s16le"), bytes(LARGE))


def _mkv_with_filling(folder: Path) -> Path:
    return _grown(draw_video(folder / "filled.mkv"), bytes(LARGE))


@pytest.mark.parametrize(
    "make",
    [
        _wav_with_tags,
        _mp3_with_tags,
        _aac_with_tags,
        _mkv_with_attachment,
        _wav_with_filling,
        _mkv_with_filling,
    ],
)
def test_tags_and_filling_behind_the_matter_are_no_loss(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    file = open_media(make(tmp_path))
    _ = file.sound(0.0, file.index.duration) if file.index.sounds else None
    assert file.warnings == ()
    assert file.unread == 0.0
    assert file.damage == []


def test_sound_ends_where_its_tags_begin(tmp_path: Path) -> None:
    plain = open_media(_sound(tmp_path / "plain.mp3", "mp3"))
    assert open_media(_mp3_with_tags(tmp_path)).index.duration == plain.index.duration


@pytest.mark.parametrize("ending", ["mkv", "webm"])
def test_joined_matroska_is_read_whole_and_nothing_of_it_is_lost(
    ending: str, tmp_path: Path
) -> None:
    part = draw_video(
        tmp_path / f"part.{ending}", codec="libvpx" if ending == "webm" else "libx264"
    )
    single = open_media(part).index
    file = open_media(join(tmp_path / f"joined.{ending}", part, part))
    assert file.index.video is not None
    assert single.video is not None
    assert len(file.index.video.times) == 2 * len(single.video.times)
    assert not any("bytes are not read" in warning for warning in file.warnings)


def test_a_second_file_behind_the_first_is_matter_that_is_not_read(tmp_path: Path) -> None:
    part = _wav_with_tags(tmp_path)
    file = open_media(join(tmp_path / "joined.wav", part, part))
    assert any("bytes are not read" in warning for warning in file.warnings), file.warnings
    assert 0.45 <= file.unread <= 0.55


def test_much_that_is_no_chunk_is_told(tmp_path: Path) -> None:
    path = _grown(_sound(tmp_path / "odd.wav", "pcm_s16le"), b"\x80\x01" * MOST_TAIL)
    assert any(f"its last {2 * MOST_TAIL:,} of" in warning for warning in open_media(path).warnings)


@pytest.mark.parametrize(
    "tag",
    [
        b"TAG" + b"x" * 125,
        _ape_tag(500),
        b"LYRICSBEGIN" + b"y" * 89 + b"000100LYRICS200",
        b"ID3\4\0\x10\0\0\0\x0a" + b"z" * 10 + b"3DI\4\0\x10\0\0\0\x0a",
        _ape_tag(500) + b"TAG" + b"x" * 125,
    ],
    ids=["ID3v1", "APEv2", "Lyrics3v2", "ID3v2.4", "APEv2 and ID3v1"],
)
def test_tags_begin_behind_the_last_sound(tag: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tagged.mp3"
    path.write_bytes(bytes(1000) + tag)
    assert tags_begin(path, "mp3", 1000 + len(tag)) == 1000
    assert tags_begin(path, "wav", 1000 + len(tag)) == 1000 + len(tag)


def _footer(size: int, flags: int) -> bytes:
    fields = (2000, size, 1, flags, 0, 0)
    return b"APETAGEX" + b"".join(field.to_bytes(4, "little") for field in fields)


@pytest.mark.parametrize(
    "end",
    [
        b"APETAGEX" + b"\xff" * 24,
        _footer(1032, 0),
        _footer(500, 0),
        _footer(500, 0x80000000),
        b"000900LYRICS200",
        b"3DI\4\0\0\0\0\7\0",
    ],
    ids=["more than all", "all", "half, no items", "half, no header", "no lyrics", "no ID3"],
)
def test_an_end_that_claims_sound_as_its_tag_is_none(end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hostile.mp3"
    path.write_bytes(b"\xff\xfb\x90\x64" * 250 + end)
    assert tags_begin(path, "mp3", 1000 + len(end)) == 1000 + len(end)
