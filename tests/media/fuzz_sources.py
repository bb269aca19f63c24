"""Small whole files of every kind that is read, to be damaged: drawn, or from tests/media_files."""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tests.drawing import RATE, draw_frame, draw_subtitled, draw_video
from tests.media.boxes import compress_movie
from tests.media.conftest import half_second_beeps
from tests.media.joined import draw_tracks

FILES = Path(__file__).resolve().parent.parent / "media_files"

_TEXTS = (("one", 0, 900), ("{\\b1}two & <i>three</i>", 1000, 1900), ("fünf\nsix", 2000, 2900))
_REAL = (
    "formats/av1_video.mkv", "formats/h265_video.mp4", "formats/video_90.mov",
    "formats/vp8_vorbis_1s.webm", "broken/corrupted_packets.mp4", "broken/truncated_audio.flac",
    "broken/truncated_image.jpg", "broken/jpeg_named_video.avi", "speech/cards_001.wav",
    "text/counter.mp4", "speech/jfk_on_grey.mp4", "shots/fades.mp4",
)  # fmt: skip
_VIDEOS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"b_frames": 2},
    "fragments.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
    "turned.mov": {"rotation": 90},
    "animation.mov": {"codec": "qtrle", "pix_fmt": "rgb24", "audio_codec": "pcm_s16le"},
    "h264.mkv": {"b_frames": 2, "audio_codec": "flac"},
    "ffv1.mkv": {"codec": "ffv1", "audio_codec": "libmp3lame"},
    "vp8.webm": {"codec": "libvpx", "audio_codec": "libopus"},
    "vp9.webm": {"codec": "libvpx-vp9", "audio_codec": "libopus", "options": {"cpu-used": "8"}},
    "mpeg4.avi": {"codec": "mpeg4", "audio_codec": "libmp3lame", "time_base": Fraction(1, 10)},
    "mjpeg.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "time_base": Fraction(1, 10)},
    "h264.ts": {"b_frames": 2},
    "mpeg2.mpg": {"codec": "mpeg2video", "audio_codec": "mp2", "fps": 25,
                  "time_base": Fraction(1, 25)},
    "h264.flv": {},
    "h265.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "png.mov": {"codec": "png", "pix_fmt": "rgb24"},
}  # fmt: skip
_BARE: dict[str, dict[str, Any]] = {
    "bare.h264": {},
    "moving.gif": {"codec": "gif", "pix_fmt": "rgb8"},
    "moving.apng": {"codec": "apng", "pix_fmt": "rgb24"},
    "bare.y4m": {"codec": "wrapped_avframe"},
    "bare.ivf": {"codec": "libvpx"},
}
_SOUNDS = {
    "beeps.wav": "pcm_s16le", "beeps.flac": "flac", "beeps.mp3": "libmp3lame",
    "beeps.ogg": "libopus", "beeps.m4a": "aac", "beeps.aac": "aac", "beeps.ac3": "ac3",
    "beeps.aiff": "pcm_s16be", "beeps.caf": "pcm_s16le",
}  # fmt: skip
_STILLS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tiff": "TIFF", "bmp": "BMP", "gif": "GIF"}


def source_names() -> list[str]:
    """The names of all files, each with the ending that belongs to it."""
    return sorted(_makers())


@functools.cache
def source(name: str) -> bytes:
    """The bytes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        return _makers()[name](Path(folder) / name)


@functools.cache
def _makers() -> dict[str, Callable[[Path], bytes]]:
    makers: dict[str, Callable[[Path], bytes]] = {
        "subrip.mkv": lambda path: draw_subtitled(path, "subrip", _TEXTS).read_bytes(),
        "ass.mkv": lambda path: draw_subtitled(path, "ass", _TEXTS).read_bytes(),
        "text.mp4": lambda path: draw_subtitled(path, "mov_text", _TEXTS).read_bytes(),
        "tracks.mkv": _tracks,
        "cover.mp4": lambda path: draw_tracks(path, tones=[half_second_beeps], cover=True)
        .read_bytes(),
        "compressed.mov": lambda path: compress_movie(source("turned.mov")),
    }  # fmt: skip
    for name, options in _VIDEOS.items():
        makers[name] = functools.partial(_video, tone=half_second_beeps, **options)
    for name, options in _BARE.items():
        makers[name] = functools.partial(_video, **options)
    for name, codec in _SOUNDS.items():
        makers[name] = functools.partial(_sound, codec=codec)
    for ending, kind in _STILLS.items():
        makers[f"still.{ending}"] = functools.partial(_still, kind=kind)
    for name in _REAL:
        makers[Path(name).name] = functools.partial(_real, name=name)
    return makers


def _video(path: Path, **options: Any) -> bytes:
    return draw_video(path, 20, **options).read_bytes()


def _tracks(path: Path) -> bytes:
    texts = [(text, start / 1000, end / 1000) for text, start, end in _TEXTS]
    return draw_tracks(
        path,
        tones=[half_second_beeps, None],
        subtitles=[texts, texts[:1]],
        chapters=[("a", 0.0, 1.0), ("b", 1.0, 3.0)],
        n_videos=2,
    ).read_bytes()


def _sound(path: Path, codec: str) -> bytes:
    import av

    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        times = np.arange(2 * RATE) / RATE
        samples = half_second_beeps(times).astype(np.float32)[None, :]
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE, 1024)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = RATE
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path.read_bytes()


def _still(path: Path, kind: str) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(draw_frame(5, 160, 120)).save(data, kind)
    return data.getvalue()


def _real(path: Path, name: str) -> bytes:
    return (FILES / name).read_bytes()
