"""Videos drawn in code, with exact truth: each frame carries its own number.

The top eighth of every picture holds the number as 16 black or white blocks, the highest bit
left; below, a red square moves on grey. `number_of` reads the number back at any scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

BITS = 16
RATE = 48_000

Picture = NDArray[np.uint8]


def square_box(number: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Where the red square is in a frame: (x0, y0, x1, y1)."""
    side = height // 4
    x0 = (number * 4) % max(1, width - side)
    return x0, height // 2, x0 + side, height // 2 + side


def draw_frame(number: int, width: int, height: int) -> Picture:
    """One picture, RGB, (H, W, 3)."""
    picture = np.full((height, width, 3), 90, dtype=np.uint8)
    edges = np.linspace(0, width, BITS + 1).round().astype(int)
    for bit in range(BITS):
        is_set = number >> (BITS - 1 - bit) & 1
        picture[: height // 8, edges[bit] : edges[bit + 1]] = 255 if is_set else 0
    x0, y0, x1, y1 = square_box(number, width, height)
    picture[y0:y1, x0:x1] = (220, 20, 20)
    return picture


def number_of(picture: Picture) -> int:
    """The number of the frame that a picture shows."""
    height, width = picture.shape[:2]
    row = picture[height // 16].astype(int).mean(axis=1)
    number = 0
    for bit in range(BITS):
        number = number << 1 | int(row[int((bit + 0.5) * width / BITS)] > 128)
    return number


def draw_video(
    path: Path,
    n_frames: int = 30,
    *,
    fps: int = 10,
    stamps: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    size: tuple[int, int] = (160, 120),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 12,
    b_frames: int = 0,
    rotation: int = 0,
    tone: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    tone_start: float = 0.0,
    audio_codec: str = "aac",
    title: str = "",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    paint: Callable[[int, int, int], Picture] = draw_frame,
) -> Path:
    """Draw a video file.

    Args:
        path: where to; the ending chooses the container.
        stamps: time stamps in units of `time_base`; by default even at `fps`.
        size: width and height as displayed.
        rotation: degrees clockwise by which players must turn the coded picture.
        tone: amplitude in [-1, 1] at times in seconds; None for no sound.
        paint: draws the picture of a number at (width, height).
    """
    if stamps is None:
        stamps = [round(number / fps / time_base) for number in range(n_frames)]
    width, height = size
    turned = rotation % 180 != 0
    with av.open(str(path), "w", container_options=container_options or {}) as out:
        if title:
            out.metadata["title"] = title
        stream: Any = out.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height = (height, width) if turned else (width, height)
        stream.pix_fmt = pix_fmt
        context = stream.codec_context
        context.time_base = time_base
        context.gop_size = gop
        context.max_b_frames = b_frames
        if codec == "libx264":
            context.options = {
                "x264-params": f"scenecut=0:bframes={b_frames}:keyint={gop}",
                "preset": "veryfast",
                "qp": "18",
                **(options or {}),
            }
        if rotation:
            stream.set_display_rotation(-rotation)  # ffmpeg counts the other way
        sound: Any = None
        if tone is not None:
            sound = out.add_stream(audio_codec, rate=RATE)
            sound.layout = "mono"
        for number, stamp in enumerate(stamps):
            picture = np.ascontiguousarray(np.rot90(paint(number, width, height), rotation // 90))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format=pix_fmt)
            frame.pts, frame.time_base = stamp, time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None and tone is not None:
            length = float(stamps[-1] * time_base) + 1 / fps - tone_start
            _draw_tone(out, sound, tone, tone_start, length)
    return path


def _draw_tone(out: Any, sound: Any, tone: Any, start: float, length: float) -> None:
    total = round(length * RATE)
    for first in range(0, total, 1024):
        times = start + np.arange(first, min(first + 1024, total)) / RATE
        samples = tone(times).astype(np.float32)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        frame.pts = round(start * RATE) + first
        out.mux(sound.encode(frame))
    out.mux(sound.encode(None))


def repeat_video(source: Path, path: Path, times: int) -> Path:
    """A long file from a short one, by copying its packets `times` over."""
    with av.open(str(path), "w") as out:
        offset = Fraction(0)
        streams: dict[int, Any] = {}
        last: dict[int, int] = {}
        for turn in range(times):
            with av.open(str(source)) as given:
                if not turn:
                    for stream in given.streams:
                        streams[stream.index] = out.add_stream_from_template(stream)
                length = Fraction(given.duration or 0, 1_000_000)
                for packet in given.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(offset / packet.time_base)
                    packet.pts += shift
                    packet.dts += shift
                    before = last.get(packet.stream_index, -(2**62))
                    if packet.dts <= before < packet.pts:
                        packet.dts = before + 1
                    if packet.dts <= before:
                        continue  # what codecs put before the first sound overlaps the end
                    last[packet.stream_index] = packet.dts
                    packet.stream = streams[packet.stream_index]
                    out.mux(packet)
            offset += length
    return path


def draw_subtitled(
    path: Path,
    codec: str,
    texts: Sequence[tuple[str, int, int]],
    *,
    offset: int = 0,
    encoding: str = "utf-8",
) -> Path:
    """Three seconds of drawn video with embedded subtitles.

    Args:
        codec: "subrip", "ass" or "mov_text".
        texts: text, start and end in milliseconds from the first frame.
        offset: milliseconds at which the file's own time stamps start.
    """
    base = Fraction(1, 1000)
    with av.open(str(path), "w") as out:
        video: Any = out.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        subtitles: Any = out.add_stream(codec)
        subtitles.codec_context.subtitle_header = b"[Script Info]\nScriptType: v4.00+\n"
        subtitles.time_base = base
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(draw_frame(number, 160, 120), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = number * 100 + offset, base
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for text, start, end in texts:
            data = text.encode(encoding)
            if codec == "mov_text":
                data = len(data).to_bytes(2, "big") + data
            if codec == "ass":
                data = b"0,0,Default,,0,0,0,," + data
            packet: Any = av.Packet(data)
            packet.pts = packet.dts = start + offset
            packet.duration, packet.time_base, packet.stream = end - start, base, subtitles
            out.mux(packet)
    return path
