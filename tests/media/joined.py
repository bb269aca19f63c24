"""Files with more than one part or track, made of drawn ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.drawing import draw_frame

RATE = 48_000
Tone = Callable[[Any], Any]


def join(path: Path, *parts: Path) -> Path:
    """Files put one after the other byte by byte, as `cat` does."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def draw_tracks(
    path: Path,
    *,
    tones: Sequence[Tone | None] = (),
    tags: Sequence[dict[str, str]] = (),
    subtitles: Sequence[Sequence[tuple[str, float, float]]] = (),
    subtitle_tags: Sequence[dict[str, str]] = (),
    n_videos: int = 1,
    cover: bool = False,
    seconds: float = 3.0,
    chapters: Sequence[tuple[str, float, float]] = (),
) -> Path:
    """A file with any number of tracks.

    Args:
        path: where to; the ending chooses the container.
        tones: of the sound tracks, as in draw_video; None for silence.
        tags: language and title of each sound track.
        subtitles: of each subtitle track: text, start, end in seconds.
        subtitle_tags: language and title of each.
        n_videos: how many video tracks; the second shows frames 1000 and on.
        cover: whether a still picture is attached.
        seconds: how long all of it is.
        chapters: title, start, end in seconds.
    """
    with av.open(str(path), "w") as out:
        if chapters:
            out.set_chapters(
                [
                    {
                        "id": at,
                        "start": round(start * 1000),
                        "end": round(end * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for at, (title, start, end) in enumerate(chapters)
                ]
            )
        videos = [_add_video(out) for _ in range(n_videos)]
        sounds = [_add(out, "aac", tag, rate=RATE) for tag in _tags(tags, len(tones))]
        for sound in sounds:
            sound.layout = "mono"
        texts = [_add(out, "subrip", tag) for tag in _tags(subtitle_tags, len(subtitles))]
        for text in texts:
            text.codec_context.subtitle_header = b"[Script Info]\nScriptType: v4.00+\n"
            text.time_base = Fraction(1, 1000)
        still = _add_cover(out) if cover else None
        for at, video in enumerate(videos):
            for number in range(round(seconds * 10)):
                frame = _frame(1000 * at + number).reformat(format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, 10)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        if still is not None:
            out.mux(still.encode(_frame(7).reformat(format="yuvj420p")))
        for sound, tone in zip(sounds, tones, strict=True):
            _draw_sound(out, sound, tone, seconds)
        for text, lines in zip(texts, subtitles, strict=True):
            for line, start, end in lines:
                packet: Any = av.Packet(line.encode())
                packet.pts = packet.dts = round(start * 1000)
                packet.duration, packet.time_base = round((end - start) * 1000), Fraction(1, 1000)
                packet.stream = text
                out.mux(packet)
    return path


def keep_packets(source: Path, path: Path, wanted: Callable[[Any], bool]) -> Path:
    """A copy of a file without the packets that are not wanted."""
    with av.open(str(source)) as given, av.open(str(path), "w") as out:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in given.streams}
        for packet in given.demux():
            if packet.dts is not None and wanted(packet):
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    return path


def _tags(tags: Sequence[dict[str, str]], count: int) -> list[dict[str, str]]:
    return [*tags, *[{}] * (count - len(tags))]


def _add(out: Any, codec: str, tags: dict[str, str], **options: Any) -> Any:
    stream: Any = out.add_stream(codec, **options)
    stream.metadata.update(tags)
    return stream


def _add_video(out: Any) -> Any:
    stream = _add(out, "libx264", {}, rate=10)
    stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
    stream.codec_context.options = {"preset": "veryfast", "qp": "18"}
    return stream


def _add_cover(out: Any) -> Any:
    stream = _add(out, "mjpeg", {}, rate=1)
    stream.width, stream.height, stream.pix_fmt = 160, 120, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    return stream


def _frame(number: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(draw_frame(number, 160, 120), format="rgb24")


def _draw_sound(out: Any, sound: Any, tone: Tone | None, seconds: float) -> None:
    total = round(seconds * RATE)
    for first in range(0, total, 1024):
        times = np.arange(first, min(first + 1024, total)) / RATE
        samples = np.zeros_like(times) if tone is None else tone(times)
        frame = av.AudioFrame.from_ndarray(samples.astype(np.float32)[None, :], "fltp", "mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), first
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))
