"""What modules see of the media: frames, sound and subtitles of a run's videos.

A module asks `current()` for the source of the call that is running. How a file is read
is the business of file.py and below; here values of vprog.types meet pixels.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from vprog.errors import ModuleInputError, VprogError
from vprog.media.meter import Meter
from vprog.media.region import area_of, cut, whole_limit
from vprog.media.subtitles import Cue
from vprog.types.frame import Frame, Metadata, Video
from vprog.types.geometry import Box
from vprog.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vprog.media.file import MediaFile

_Block = TypeVar("_Block")

CACHE_BYTES = 32 * 2**20
"""What `pixels` keeps of the pictures it gave last."""


class MediaSource:
    """The videos of one run. May be used from several threads."""

    def __init__(self, files: Sequence[MediaFile]) -> None:
        self.files = list(files)
        self.videos: list[Video] = [each.video(at) for at, each in enumerate(self.files)]
        self._warned: list[str] = []
        self._lock = threading.Lock()
        self._recent: OrderedDict[tuple[int, int, int | None], NDArray[np.uint8]] = OrderedDict()
        self._recent_bytes = 0
        self.check: Callable[[], None] = _nothing
        """Called whenever frames or sound are taken; what it raises ends the module's work."""
        self.meter = Meter()
        """What models that look were asked about these videos."""

    def video(self, index: int) -> Video:
        """The video at an index.

        Raises:
            ModuleInputError: there is no such video.
        """
        self._check_index(index)
        return self.videos[index]

    def origin(self, video: int) -> tuple[str, str | None]:
        """The paths of a video and of the subtitles beside it, if there are some."""
        file = self._file(video)
        return str(file.path), str(file.subtitles_path) if file.subtitles_path else None

    def pixels(self, frame: Frame, *, max_side: int | None = None) -> NDArray[np.uint8]:
        """The picture on display at the time of a frame: RGB, uint8, (H, W, 3).

        A frame's region is cut out; `area(frame)` tells which pixels that are.

        Args:
            frame: which frame; a time before the first or after the last frame gives that one.
            max_side: scale down so that the longer side of the result is at most this.

        Raises:
            NoVideoStreamError: the file has sound only.
            ModuleInputError: no such video, or the region lies outside the picture.
        """
        self.check()
        area = self.area(frame)
        video = self.videos[frame.video]
        limit = whole_limit(area, video, max_side)
        whole = self._whole(frame.video, frame.time, limit)
        if frame.region is None:
            return whole
        return cut(whole, area, video, max_side)

    def area(self, frame: Frame) -> Box:
        """The part of the picture that `pixels(frame)` gives, in whole pixels.

        Raises:
            NoVideoStreamError: the file has sound only.
            ModuleInputError: no such video, or the region lies outside the picture.
        """
        video = self.video(frame.video)
        return area_of(frame, video, self._file(frame.video).name)

    def frames(
        self, video: int, times: Sequence[float], *, max_side: int | None = None
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """The pictures on display at many times, one after the other; none is kept.

        Args:
            video: index of the video.
            times: seconds from the first frame; sorted times are the cheap ones.
            max_side: scale down so that the longer side is at most this.

        Yields:
            Each of `times`, with its picture as RGB, uint8, (H, W, 3).

        Raises:
            NoVideoStreamError: the file has sound only.
            ModuleInputError: no such video.
        """
        reader = self._file(video).reader
        for asked, decoded in zip(times, reader.read(times, max_side=max_side), strict=True):
            self.check()
            yield float(asked), decoded.pixels

    def frame_times(self, video: int, span: Span | None = None) -> NDArray[np.float64]:
        """When the frames of a video are shown, in seconds from the first frame: (T,).

        A span limits them to start <= time < end; what is on display at its start may be older.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        times = self._file(video).stream.times
        if span is None:
            return times
        first, last = times.searchsorted((span.start, span.end), side="left")
        return times[first:last]

    def sound(self, video: int, span: Span | None = None) -> NDArray[np.float32]:
        """The sound of a stretch: mono, float32 in [-1, 1], 16,000 samples a second, (N,).

        Where the file has no sound within the stretch there are zeros. A span is cut to
        [0, duration]. For long stretches use `sound_blocks`.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: the stretch is longer than four hours.
        """
        self.check()
        start, end = self._stretch(video, span)
        return self._file(video).sound(start, end)

    def sound_blocks(
        self, video: int, span: Span | None = None, *, seconds: float = 30.0
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """The sound of a stretch in blocks of `seconds` (the last may be shorter).

        Yields:
            The start of each block, and its samples as in `sound`.

        Raises:
            NoAudioStreamError: the file has no sound.
        """
        start, end = self._stretch(video, span)
        return self._checked(self._file(video).sound_blocks(start, end, seconds=seconds))

    def cues(self, video: int) -> list[Cue]:
        """The subtitles: given, beside the video, or in it; [] if there are none."""
        return self._file(video).cues()

    def facts(self, video: int) -> Metadata:
        """What the container says of the file."""
        return self._file(video).facts()

    def content_hash(self, video: int) -> str:
        """SHA-256 of the file and of the subtitles beside it: part of every cache key."""
        return self._file(video).content_hash

    @property
    def frames_decoded(self) -> int:
        """How many frames the decoders have given so far, over all videos."""
        return sum(file.frames_decoded for file in self.files)

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the files, as far as it was met, and what modules warned of."""
        return [text for file in self.files for text in file.warnings] + list(self._warned)

    def warn(self, text: str) -> None:
        """Put a line into the warnings of the run, once."""
        with self._lock:
            if text not in self._warned:
                self._warned.append(text)

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            self._recent.clear()
            self._recent_bytes = 0
        for file in self.files:
            file.close()

    def _file(self, index: int) -> MediaFile:
        self._check_index(index)
        return self.files[index]

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self.videos):
            raise ModuleInputError(
                f"video {index}: there are {len(self.videos)} videos, counted from 0.",
                hint="Use `video` or an item of `videos`.",
            )

    def _stretch(self, video: int, span: Span | None) -> tuple[float, float]:
        duration = self.video(video).duration
        if span is None:
            return 0.0, duration
        if not (math.isfinite(span.start) and math.isfinite(span.end)) or span.start > span.end:
            raise ModuleInputError(
                f"span of video {video}: expected start <= end, both finite, got {span}.",
                hint="Give seconds from the first frame.",
            )
        start = min(max(0.0, span.start), duration)
        return start, min(max(start, span.end), duration)

    def _checked(self, blocks: Iterator[_Block]) -> Iterator[_Block]:
        for block in blocks:
            self.check()
            yield block

    def _whole(self, video: int, time: float, limit: int | None) -> NDArray[np.uint8]:
        """One whole picture, from the few that were given last or from the reader."""
        file = self._file(video)
        key = (video, file.stream.at(time), limit)
        with self._lock:
            known = self._recent.get(key)
            if known is not None:
                self._recent.move_to_end(key)
                return known.copy()  # a caller may draw on its picture
        decoded = next(iter(file.reader.read([time], max_side=limit))).pixels
        with self._lock:
            if key not in self._recent and decoded.nbytes <= CACHE_BYTES:
                self._recent[key] = decoded
                self._recent_bytes += decoded.nbytes
                while self._recent_bytes > CACHE_BYTES:
                    self._recent_bytes -= self._recent.popitem(last=False)[1].nbytes
        return decoded.copy()


_current: ContextVar[MediaSource] = ContextVar("vprog_media_source")


def current() -> MediaSource:
    """The media of the module call that is running.

    Raises:
        VprogError: no module call is running.
    """
    try:
        return _current.get()
    except LookupError:
        raise VprogError(
            "current(): no module call is running here.",
            hint="Call it inside a module's __call__, or enter `using(source)` first; "
            "in `batch` use the media of each call.",
        ) from None


@contextmanager
def using(source: MediaSource) -> Iterator[MediaSource]:
    """Make a source the current one for the length of a `with` block."""
    token = _current.set(source)
    try:
        yield source
    finally:
        _current.reset(token)


def _nothing() -> None:
    pass
