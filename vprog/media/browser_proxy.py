"""Proxies: parts of a video made small, in a form that browsers play, kept under its digest.

Frames and sound come through the file's own reader, so turned pictures stand upright, times are
those of vprog's clock, and what decodes strangers' bytes stays in its jailed process; only the
encoding happens here. A proxy is of a span of bounded length: long videos are played span after
span, each made when it is asked for.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from vprog.errors import DiskFullError, UsageError, VideoUnreadableError
from vprog.media.audio import SAMPLE_RATE
from vprog.media.run_file import MediaFile
from vprog.types.clock import clock_span, length_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROXIES_FOLDER = "proxies"
"""Below the folder of the cache."""
LONGEST_S = 30.0
"""Seconds of one proxy: made in a few seconds, also of a video of HD on two cores."""
LINES = 480
_LINES_INSIDE = 360
"""Of a proxy that goes into a page."""
_MOST_FPS = 30.0
_CACHE_BYTES = 1_000_000_000
_TIME_BASE = Fraction(1, 90_000)
_FORM = "proxy 1"
"""Goes into the names of cached files: another form is never mistaken for this one."""


@dataclass(frozen=True)
class ProxyKind:
    """A form of proxy.

    Attributes:
        name: of the form.
        type: as browsers are asked whether they play it.
        container: the muxer.
        video: the encoder of the picture.
        options: of that encoder.
        sound: the encoder of the sound.
    """

    name: str
    type: str
    container: str
    video: str
    options: dict[str, str]
    sound: str


ProxyName = Literal["h264", "vp9"]
"""H.264 plays nearly everywhere; VP9 in browsers that were built without it."""

KINDS: dict[str, ProxyKind] = {
    kind.name: kind
    for kind in (
        ProxyKind("h264", 'video/mp4; codecs="avc1.640028,mp4a.40.2"', "mp4", "libx264",
                  {"preset": "veryfast", "crf": "25", "bf": "0"}, "aac"),
        ProxyKind("vp9", 'video/webm; codecs="vp9,opus"', "webm", "libvpx-vp9",
                  {"deadline": "realtime", "cpu-used": "8", "crf": "33", "b": "0"}, "libopus"),
    )
}  # fmt: skip
"""By name, the one that most browsers play first."""


def kinds_here() -> list[ProxyName]:
    """The kinds that can be made with the encoders that are installed, the best first."""
    names: tuple[ProxyName, ...] = get_args(ProxyName)
    return [name for name in names if _has(KINDS[name].video) and _has(KINDS[name].sound)]


def _has(encoder: str) -> bool:
    import av

    try:
        av.codec.Codec(encoder, "w")
    except (av.codec.codec.UnknownCodecError, ValueError):
        return False
    return True


_making = threading.Lock()
"""One at a time: an encoder takes all cores."""


def proxy_file(
    file: MediaFile, start: float, end: float, kind: str, folder: Path, *, lines: int = LINES
) -> Path:
    """A proxy of a span, from the cache or made now.

    Args:
        file: the video.
        start: seconds on its clock; second 0 of the proxy.
        end: likewise; at most LONGEST_S after `start`.
        kind: a name in KINDS.
        folder: of the cache; the proxies used longest ago beyond 1 GB are removed.
        lines: height of its picture, at most that of the video.

    Raises:
        UsageError: no such kind, or the span is none.
        VideoError: the video cannot be decoded.
        DiskFullError: no space is left.
    """
    if kind not in KINDS:
        raise UsageError(f"proxy {kind!r}: no such kind.", hint=f"There are: {', '.join(KINDS)}.")
    if not 0 <= start < end <= start + LONGEST_S + 1e-6:
        raise UsageError(
            f"proxy of {clock_span(start, end)}: expected a span of at most "
            f"{length_text(LONGEST_S)}.",
            hint="Ask for one span after the other.",
        )
    name = f"{_FORM} {file.content_hash} {start!r} {end!r} {kind} {lines}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:40]
    path = folder / f"{digest}.{KINDS[kind].container}"
    with _making:
        if path.is_file():
            with suppress(OSError):
                os.utime(path)  # the use counts for what is removed first
            return path
        content = proxy_bytes(file, start, end, kind, lines=lines)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, half = tempfile.mkstemp(dir=folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(content)
                os.replace(half, path)
            except OSError:  # a full disk would fill further with halves
                os.unlink(half)
                raise
        except OSError as error:
            raise DiskFullError(
                f"{folder}: the proxy cannot be written: {error.strerror or error}.",
                hint="Free some space, or set VPROG_CACHE_DIR to another disk.",
            ) from error
        _prune(folder)
    return path


def _prune(folder: Path) -> None:
    files = []
    for path in folder.iterdir():
        with suppress(OSError):
            found = path.stat()
            files.append((found.st_mtime, found.st_size, path))
    total = 0
    for _, size, path in sorted(files, reverse=True):
        total += size
        if total > _CACHE_BYTES:
            with suppress(OSError):
                path.unlink()


def proxy_bytes(
    file: MediaFile, start: float, end: float, kind: str, *, lines: int = _LINES_INSIDE
) -> bytes:
    """The content of a proxy of a span, made now; arguments and errors as of `proxy_file`."""
    import io

    import av

    form = KINDS[kind]
    written = io.BytesIO()
    try:
        with av.open(written, "w", format=form.container) as out:
            picture = _picture_stream(out, file, form, lines) if file.index.video else None
            sound = _sound_stream(out, form) if file.index.audio is not None else None
            if picture is not None:
                for frame in _frames(file, start, end, picture.width, picture.height):
                    out.mux(picture.encode(frame))
                out.mux(picture.encode(None))
            if sound is not None:
                for samples in _samples(file, start, end):
                    out.mux(sound.encode(samples))
                out.mux(sound.encode(None))
    except av.FFmpegError as error:
        raise VideoUnreadableError(
            f'"{file.name}": no proxy of {clock_span(start, end)} can be made: {error}.',
            hint="Open the file itself in a player.",
        ) from error
    return written.getvalue()


def _picture_stream(out: Any, file: MediaFile, form: ProxyKind, lines: int) -> Any:
    source = file.stream
    scale = min(1.0, lines / source.height)
    fps = min(_MOST_FPS, source.fps or _MOST_FPS)
    stream = out.add_stream(form.video, rate=Fraction(fps).limit_denominator(1000))
    stream.width, stream.height = (
        max(16, 2 * round(side * scale / 2)) for side in (source.width, source.height)
    )
    stream.pix_fmt = "yuv420p"  # the one that every browser plays; sides must be even
    stream.codec_context.time_base = _TIME_BASE
    stream.codec_context.gop_size = max(1, round(fps))  # a keyframe a second: seeking is quick
    stream.codec_context.options = form.options
    return stream


def _sound_stream(out: Any, form: ProxyKind) -> Any:
    stream = out.add_stream(form.sound, rate=SAMPLE_RATE, layout="mono")
    stream.bit_rate = 48_000
    return stream


def _frames(file: MediaFile, start: float, end: float, width: int, height: int) -> Iterator[Any]:
    """The frames on display in a span, each at its time; the first one at the start."""
    import av

    times = _thinned(file.stream.times, start, end)
    pictures = file.frames(times, max_side=max(width, height))
    for time, picture in zip(times, pictures, strict=True):
        frame = av.VideoFrame.from_ndarray(picture.pixels, format="rgb24")
        frame = frame.reformat(width=width, height=height, format="yuv420p")
        frame.pts = round((time - start) / _TIME_BASE)
        frame.time_base = _TIME_BASE
        yield frame


def _thinned(all_times: NDArray[np.float64], start: float, end: float) -> list[float]:
    """The times of frames in a span, so far apart that at most 30 come in a second."""
    first = max(0, int(all_times.searchsorted(start + 1e-6, side="right")) - 1)
    last = int(all_times.searchsorted(end, side="right"))
    times: list[float] = []
    for time in all_times[first : max(last, first + 1)]:
        if not times or time - times[-1] > 0.9 / _MOST_FPS:
            times.append(max(float(time), start))
    return times


def _samples(file: MediaFile, start: float, end: float) -> Iterator[Any]:
    import av

    position = 0
    for _, block in file.sound_blocks(start, end, seconds=1.0):
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = position
        frame.time_base = Fraction(1, SAMPLE_RATE)
        position += block.shape[0]
        yield frame
