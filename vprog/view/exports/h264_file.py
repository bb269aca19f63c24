"""The video of a run as a file again: opened where it lies, and written as H.264 with PyAV.

What is decoded comes from vprog.media, behind its isolation; only pictures and samples that were
made here are encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.errors import PackageMissingError, VideoNotFoundError
from vprog.media.audio import SAMPLE_RATE
from vprog.media.run_file import MediaFile
from vprog.view.exports.export_format import ExportJob
from vprog.view.recorded_video import open_recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Draw = Callable[[float, "NDArray[np.uint8]"], "NDArray[np.uint8]"]
"""Makes the picture that is written from the time and picture of a frame."""

TimeSpan = tuple[float, float]
_CLOCK = 90_000
"""Ticks a second of the pictures that are written: of MPEG, fine enough for any frame rate."""
_QUALITY = {"crf": "20", "preset": "veryfast"}


@contextmanager
def recorded_file(job: ExportJob) -> Iterator[MediaFile]:
    """The one video of an export, which must still be the file of the run.

    Raises:
        VideoNotFoundError: it lies there no more.
        VideoUnreadableError: another file does.
    """
    index = job.opened.index
    moved_to = job.moved_to[index] if index < len(job.moved_to) else None
    try:
        file = open_recorded(job.story.recording.started.videos[index], moved_to=moved_to)
    except VideoNotFoundError as error:
        raise VideoNotFoundError(
            error.message, hint="Say where it lies now: --moved PATH."
        ) from error
    try:
        yield file
    finally:
        file.close()


def write_h264(file: MediaFile, spans: Sequence[TimeSpan], path: Path, draw: Draw) -> None:
    """Write spans of a file one after another, pictures as H.264, sound as AAC (mono, 16 kHz).

    Frames keep their times; odd sides lose their last pixel, since H.264 has none.

    Raises:
        NoVideoStreamError: the file has sound only.
        PackageMissingError: this PyAV has no H.264 encoder.
    """
    import av

    stream_times = file.stream  # says so where there is no picture
    rate = Fraction(stream_times.fps or 25.0).limit_denominator(60_000)
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        try:
            picture: Any = container.add_stream("libx264", rate=rate, options=_QUALITY)
        except (ValueError, av.FFmpegError) as error:
            raise PackageMissingError(
                "this installation of PyAV has no H.264 encoder.",
                hint='Run: pip install --force-reinstall "av"',
            ) from error
        picture.width, picture.height = (
            side // 2 * 2 for side in (stream_times.width, stream_times.height)
        )
        picture.pix_fmt = "yuv420p"
        picture.codec_context.time_base = Fraction(1, _CLOCK)
        sound: Any = None
        if file.index.audio is not None:
            sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        offset, n_samples = 0.0, 0
        for start, end in spans:
            for time, pixels in _frames(file, start, end):
                shown = draw(time, pixels)[: picture.height, : picture.width]
                frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
                frame.pts = round((offset + max(0.0, time - start)) * _CLOCK)
                frame.time_base = Fraction(1, _CLOCK)
                container.mux(picture.encode(frame))
            if sound is not None:
                for _, samples in file.sound_blocks(start, end):
                    block = av.AudioFrame.from_ndarray(samples[None, :], "fltp", "mono")
                    block.sample_rate, block.pts = SAMPLE_RATE, n_samples
                    block.time_base = Fraction(1, SAMPLE_RATE)
                    n_samples += len(samples)
                    container.mux(sound.encode(block))
            offset += end - start
        for stream in (picture, sound):
            if stream is not None:
                container.mux(stream.encode(None))


def _frames(file: MediaFile, start: float, end: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """The frame on display at the start of a span, and those that come until its end."""
    times = file.stream.times
    first = file.stream.at(start)
    last = max(first + 1, int(times.searchsorted(end, side="left")))
    wanted = times[first:last].tolist()
    for time, decoded in zip(wanted, file.frames(wanted), strict=True):
        yield time, decoded.pixels


def joined_spans(spans: Sequence[TimeSpan], duration: float, margin: float) -> list[TimeSpan]:
    """Spans with a margin to either side, within the video, those that meet made one."""
    joined: list[TimeSpan] = []
    for start, end in sorted(spans):
        start, end = max(0.0, start - margin), min(duration, end + margin)
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return joined
