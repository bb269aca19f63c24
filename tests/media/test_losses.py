"""What of a file is not read is said, and counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.drawing import draw_video
from tests.media.conftest import half_second_beeps
from tests.media.fuzz_sources import source
from tests.media.joined import draw_tracks, join, keep_packets
from vprog.media.run_file import open_media


def _joined_mp4(folder: Path) -> Path:
    part = draw_video(folder / "part.mp4")
    return join(folder / "joined.mp4", part, part)


def _joined_flv(folder: Path) -> Path:
    part = draw_video(folder / "part.flv")
    return join(folder / "joined.flv", part, part)


def _joined_wav(folder: Path) -> Path:
    part = folder / "part.wav"
    part.write_bytes(_wav(b"\0\1" * 16_000))
    return join(folder / "joined.wav", part, part)


def _cut_wav(folder: Path) -> Path:
    path = folder / "cut.wav"
    path.write_bytes(_wav(b"\0\1" * 64_000)[:64_044])  # half of its four seconds
    return path


def _cut_aiff(folder: Path) -> Path:
    samples = b"\0\1" * 64_000
    rate = b"\x40\x0c\xfa\0\0\0\0\0\0\0"  # 16,000 as an extended float
    common = b"COMM\0\0\0\x12\0\1" + (64_000).to_bytes(4, "big") + b"\0\x10" + rate
    sound = b"SSND" + (len(samples) + 8).to_bytes(4, "big") + bytes(8) + samples
    size = (4 + len(common) + len(sound)).to_bytes(4, "big")
    path = folder / "cut.aiff"
    path.write_bytes((b"FORM" + size + b"AIFF" + common + sound)[:64_054])
    return path


def _cut_w64(folder: Path) -> Path:
    samples = b"\0\1" * 64_000

    def chunk(name: bytes, guid: str, matter: bytes) -> bytes:
        size = (24 + len(matter)).to_bytes(8, "little")
        return name + bytes.fromhex(guid) + size + matter

    tail = "f3acd3118cd100c04f8edb8a"
    form = chunk(b"fmt ", tail, b"\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0")
    data = chunk(b"data", tail, samples)
    head = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
    wave = b"wave" + bytes.fromhex(tail)
    path = folder / "cut.w64"
    size = (40 + len(form) + len(data)).to_bytes(8, "little")
    path.write_bytes((head + size + wave + form + data)[:64_104])
    return path


def _half_copied(folder: Path) -> Path:
    """An MP4 whose table stands in front, and half of whose matter is zeros."""
    path = draw_video(folder / "copied.mp4", 60, gop=5, container_options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    half = (data.index(b"mdat") + len(data)) // 2
    data[half:] = bytes(len(data) - half)
    path.write_bytes(data)
    return path


def _wav(samples: bytes) -> bytes:
    head = b"WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data"
    body = head + len(samples).to_bytes(4, "little") + samples
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _picture_gap(folder: Path) -> Path:
    stamps = [100 * at for at in range(20)] + [20_000 + 100 * at for at in range(20)]
    return draw_video(folder / "gap.mkv", stamps=stamps)


def _sound_gap(folder: Path) -> Path:
    whole = draw_video(folder / "whole.mkv", 60, tone=half_second_beeps)
    return keep_packets(
        whole,
        folder / "gap.mkv",
        lambda packet: packet.stream.type == "video" or not 2.0 < packet.pts / 1000 < 4.0,
    )


def _two_videos(folder: Path) -> Path:
    return draw_tracks(folder / "two.mkv", n_videos=2)


def _sound_that_does_not_decode(folder: Path) -> Path:
    path = draw_video(folder / "whole.mkv", tone=half_second_beeps, audio_codec="libopus")
    out = folder / "broken.mkv"
    with av.open(str(path)) as given, av.open(str(out), "w") as copy:
        streams = {each.index: copy.add_stream_from_template(each) for each in given.streams}
        for packet in given.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "audio":
                broken = av.Packet(b"\xff" * packet.size)
                broken.pts, broken.dts, broken.time_base = packet.pts, packet.dts, packet.time_base
                packet = broken
                packet.stream = streams[1]
            else:
                packet.stream = streams[0]
            copy.mux(packet)
    return out


def _cut_in_a_group(folder: Path) -> Path:
    data = draw_video(folder / "whole.ts", 60, gop=30).read_bytes()
    path = folder / "cut.ts"
    path.write_bytes(data[188 * (len(data) // 188 // 4) :])
    return path


@pytest.mark.parametrize(
    ("make", "words", "least", "most"),
    [
        (_joined_mp4, "bytes are not read", 0.45, 0.55),
        (_joined_flv, "bytes are not read", 0.45, 0.55),
        (_joined_wav, "bytes are not read", 0.45, 0.55),
        (_cut_wav, "cut short: it ends at 0:02 instead of 0:04", 0.45, 0.55),
        (_cut_w64, "cut short: it ends at 0:02 instead of 0:04", 0.45, 0.55),
        (_cut_aiff, "cut short", 0.45, 0.55),
        (_half_copied, "hold nothing but zeros", 0.3, 0.7),
        (_picture_gap, "it has no pictures at 0:02-0:20", 0.8, 0.9),
        (_sound_gap, "it has no sound at 0:02", 0.25, 0.4),
        (_two_videos, "of 2 video tracks number 1 is looked at", 0.5, 0.5),
        (_sound_that_does_not_decode, "the sound cannot be decoded", 0.5, 0.5),
        (_cut_in_a_group, "frames cannot be decoded: no keyframe", 0.1, 0.7),
    ],
)
def test_a_loss_is_said_and_counted(
    make: Callable[[Path], Path], words: str, least: float, most: float, tmp_path: Path
) -> None:
    file = open_media(make(tmp_path))
    assert any(words in warning for warning in file.warnings), file.warnings
    assert least <= file.unread <= most


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("h264.mkv", "bytes are missing"),
        ("vp8.webm", "bytes are missing"),
        ("mjpeg.avi", "cut short"),
        ("moving.gif", "its end is not found"),
        ("beeps.ogg", "its end is not found"),
        ("h264.flv", "its end is not found"),
        ("beeps.mp3", "cut short: it ends at 0:01.6"),
        ("beeps.caf", "cut short: it ends at 0:01.6"),
    ],
)
def test_a_fifth_that_is_missing_is_said(name: str, words: str, tmp_path: Path) -> None:
    data = source(name)
    (tmp_path / name).write_bytes(data)
    assert open_media(tmp_path / name).warnings == ()
    short = tmp_path / f"short.{name}"
    short.write_bytes(data[: len(data) * 4 // 5])
    file = open_media(short)
    assert any(words in warning for warning in file.warnings), file.warnings
    assert file.unread > 0.0


@pytest.mark.parametrize("at", [5_000, 20_000, 30_000])
def test_a_damaged_animation_whose_rest_is_not_read_is_said(at: int, tmp_path: Path) -> None:
    data = bytearray(source("moving.gif"))
    data[at : at + 512] = bytes(512)
    (tmp_path / "damaged.gif").write_bytes(data)
    assert any("not found" in text for text in open_media(tmp_path / "damaged.gif").warnings)


def test_a_recording_that_ends_amid_a_packet_is_cut_short(tmp_path: Path, media_dir: Path) -> None:
    """Of such a file nothing states how long it is."""
    whole = media_dir / "formats" / "no_duration.webm"
    assert open_media(whole).warnings == ()
    cut = tmp_path / "cut.webm"
    cut.write_bytes(whole.read_bytes()[:60_000])
    assert open_media(cut).warnings == ("cut.webm: cut short: it ends amid a packet",)


@pytest.mark.parametrize("name", ["h264.mkv", "vp8.webm", "ffv1.mkv"])
def test_what_the_demuxer_passes_over_in_matroska_is_said(name: str, tmp_path: Path) -> None:
    data = bytearray(source(name))
    at = len(data) * 3 // 5
    data[at : at + 4096] = bytes(4096)
    (tmp_path / name).write_bytes(data)
    file = open_media(tmp_path / name)
    assert any("bytes are damaged and passed over" in warning for warning in file.warnings)
    assert 0.05 < file.unread < 0.5


@pytest.mark.parametrize("name", ["whole.mp4", "whole.mkv", "whole.ts", "whole.avi", "whole.webm"])
def test_a_whole_file_loses_nothing(name: str, tmp_path: Path) -> None:
    codec = "libvpx" if name.endswith("webm") else "libx264"
    file = open_media(draw_video(tmp_path / name, codec=codec))
    assert file.warnings == ()
    assert file.unread == 0.0


def test_a_still_picture_of_a_slide_show_is_no_gap(tmp_path: Path) -> None:
    """MP4 says how long each frame stands; a second of a still screen is usual elsewhere."""
    stamps = [0, 30_000, 60_000]
    assert open_media(draw_video(tmp_path / "slides.mp4", stamps=stamps)).unread == 0.0
    screen = [100 * at for at in range(20)] + [5_000 + 100 * at for at in range(20)]
    assert open_media(draw_video(tmp_path / "screen.mkv", stamps=screen)).unread == 0.0


def test_a_rate_that_the_codec_states_is_taken_and_said(tmp_path: Path) -> None:
    from fractions import Fraction

    path = draw_video(tmp_path / "bare.h264", fps=10, time_base=Fraction(1, 10))
    file = open_media(path)
    assert file.stream.fps == 10.0
    assert file.index.duration == pytest.approx(3.0)
    assert "10 frames a second are assumed, as its codec states" in file.warnings[0]
    assert file.unread == 0.0


def test_a_rate_that_nothing_states_is_doubted(drawn: Callable[[str], Path]) -> None:
    file = open_media(drawn("bare.h264"))
    assert "nothing in it states a rate" in file.warnings[0]
    assert file.unread == 0.5
