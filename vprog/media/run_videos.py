"""The videos of a run: frames, sound and subtitles by values of vprog.types.

How a file is read is the business of run_file.py and below. Modules reach this through the
context of their call (registry/call_context.py), which knows what the call may spend.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError
from vprog.media.audio import SAMPLE_RATE
from vprog.media.region import area_of, cut, whole_limit
from vprog.media.stream_info import DamagedPlace
from vprog.media.subtitles import Subtitle
from vprog.media.window import EDGE_S, silenced_outside
from vprog.types.frame import Frame, Video
from vprog.types.geometry import Box
from vprog.types.metadata import Metadata, Stream
from vprog.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vprog.media.run_file import MediaFile


class MediaSource:
    """The videos of one run. May be used from several threads."""

    def __init__(self, files: Sequence[MediaFile], window: Span | None = None) -> None:
        """Open files as the videos of a run.

        Args:
            files: in the order of the videos.
            window: the part of each that may be looked at; None for all of it.
        """
        self.files = list(files)
        self.window = window
        self.videos: list[Video] = [file.video(index) for index, file in enumerate(self.files)]

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

    def pixels(
        self,
        frame: Frame,
        *,
        max_side: int | None = None,
        on_decoded: Callable[[], None] | None = None,
        on_degraded: Callable[[], None] | None = None,
        is_lent: bool = False,
    ) -> NDArray[np.uint8]:
        """The picture on display at the time of a frame: RGB, uint8, (H, W, 3).

        A frame's region is cut out; `area(frame)` tells which pixels that are.

        Args:
            frame: which frame; a time before the first or after the last frame gives that one.
            max_side: scale down so that the longer side of the result is at most this.
            on_decoded: called for each frame that is decoded for it.
            on_degraded: called where it, or one that it is made from, is lost or damaged.
            is_lent: whether it is only looked at: it is no copy, and cannot be written to.

        Raises:
            NoVideoStreamError: the file has sound only.
            ModuleInputError: no such video, or the region lies outside the picture.
        """
        area = self.area(frame)
        video = self.videos[frame.video]
        limit = whole_limit(area, video, max_side)
        time = self._inside(frame.time)
        is_lent = is_lent or frame.region is not None  # then a part is cut out, and is a copy
        whole = self._whole(frame.video, time, limit, on_decoded, on_degraded, is_lent)
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
        self,
        video: int,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        on_decoded: Callable[[], None] | None = None,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """The pictures on display at many times, one after the other; none is kept.

        Args:
            video: index of the video.
            times: seconds; sorted times are the cheap ones.
            max_side: scale down so that the longer side is at most this.
            on_decoded: called for each frame that is decoded on the way.
            on_degraded: called where frames are lost or may be damaged.

        Yields:
            Each of `times`, with its picture as RGB, uint8, (H, W, 3).

        Raises:
            NoVideoStreamError: the file has sound only.
            ModuleInputError: no such video.
        """
        frames = self._file(video).frames(
            [self._inside(time) for time in times] if self.window else times,
            max_side=max_side,
            on_decoded=on_decoded,
            on_degraded=on_degraded,
        )
        for time, decoded in zip(times, frames, strict=True):
            yield float(time), decoded.pixels

    def frame_times(self, video: int, span: Span | None = None) -> NDArray[np.float64]:
        """When the frames of a video are shown, in seconds: (T,).

        A span limits them to start <= time < end; what is on display at its start may be older.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        times = self._file(video).stream.times
        if self.window is not None:
            first = times.searchsorted(self.shown_from(video), side="left")
            times = times[first : times.searchsorted(self.window.end, side="left")]
        if span is None:
            return times
        first, last = times.searchsorted((span.start, span.end), side="left")
        return times[first:last]

    def keyframe_times(self, video: int) -> NDArray[np.float64]:
        """Those of `frame_times` that decode without the frames before them: (K,).

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        file, times = self._file(video), self.frame_times(video)
        if not len(times) or not file.index.can_jump:
            return times[:0]
        known = file.stream.times[file.stream.keyframes]
        return known[known.searchsorted(times[0]) : known.searchsorted(times[-1], side="right")]

    def shown_from(self, video: int) -> float:
        """When the picture comes that is on display where the window begins.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        return self.shown_span(video, self.window.start if self.window else 0.0)[0]

    def shown_span(self, video: int, time: float) -> tuple[float, float]:
        """When the picture that is on display at a time comes, and when the next one does.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        stream = self._file(video).stream
        number = stream.at(time)
        following = number + 1 < len(stream.times)
        end = stream.times[number + 1] if following else self.video(video).duration
        return float(stream.times[number]), float(end)

    def sound(
        self,
        video: int,
        span: Span | None = None,
        *,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> NDArray[np.float32]:
        """The sound of a span: mono, float32 in [-1, 1], 16,000 samples a second, (N,).

        Where the file has no sound within the span there are zeros. A span is cut to
        [0, duration]. For long spans use `sound_blocks`. `track` is counted from 1; 0 is the
        one that players begin with. `on_degraded` is called where sound of it is lost.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: the span is longer than four hours, or there is no such track.
        """
        start, end = self._ends(video, span)
        samples = self._file(video).sound(start, end, track=track, on_degraded=on_degraded)
        return self._heard(start, samples)

    def sound_blocks(
        self,
        video: int,
        span: Span | None = None,
        *,
        seconds: float = 30.0,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """The sound of a span in blocks of `seconds` (the last may be shorter).

        Yields:
            The start of each block, and its samples as in `sound`.

        Raises:
            NoAudioStreamError: the file has no sound.
        """
        start, end = self._ends(video, span)
        blocks = self._file(video).sound_blocks(
            start, end, seconds=seconds, track=track, on_degraded=on_degraded
        )
        return ((at, self._heard(at, samples)) for at, samples in blocks)

    def subtitles(self, video: int, *, track: int = 0) -> list[Subtitle]:
        """The subtitles; [] if there are none.

        Args:
            video: index of the video.
            track: a subtitle track in the file, counted from 1; 0 for those given, else those
                beside the video, else the first track in it that holds any.

        Raises:
            ModuleInputError: there is no such track.
        """
        window = self.window
        return [
            subtitle
            for subtitle in self._file(video).subtitles(track)
            if window is None or (subtitle.start < window.end and subtitle.end > window.start)
        ]

    def subtitle_warnings(self, video: int, *, track: int = 0) -> tuple[str, ...]:
        """What there is to know of the subtitles that `subtitles` gives: the track, damage."""
        return self._file(video).subtitle_warnings(track)

    def joints(self, video: int) -> tuple[float, ...]:
        """When the second and later recordings begin that are joined in the file, in seconds."""
        return self._file(video).index.joints

    def sound_tracks(self, video: int) -> list[Stream]:
        """The sound tracks that decode, the one that players begin with first."""
        return self._file(video).sound_tracks()

    def facts(self, video: int) -> Metadata:
        """What the container says of the file."""
        return self._file(video).facts()

    def damage(self, video: int) -> list[DamagedPlace]:
        """See `MediaFile.damage`."""
        return self._file(video).damage

    def content_hash(self, video: int) -> str:
        """What cached results are kept under: another for every part of a video."""
        known = self.file_hash(video)
        if self.window is None:
            return known
        return hashlib.sha256(f"{known} {self.window!r}".encode()).hexdigest()

    def file_hash(self, video: int) -> str:
        """SHA-256 of the file and of the subtitles beside it."""
        return self._file(video).content_hash

    def check_unchanged(self, video: int) -> None:
        """Be sure that a file is still the one that was opened, hashed and indexed.

        Raises:
            VideoChangedError: it has changed or gone since.
        """
        self._file(video).check_unchanged()

    def is_known(self, video: int) -> bool:
        """Whether the content hash and the facts of a video are those of a file that was read."""
        self._check_index(video)
        return True

    def is_whole(self, video: int) -> bool:
        """See `MediaFile.is_whole`."""
        return self._file(video).is_whole

    @property
    def frames_decoded(self) -> int:
        """How many frames were decoded for this run so far, over all videos."""
        return sum(file.frames_decoded for file in self.files)

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the files, as far as this run met it."""
        return [text for file in self.files for text in file.warnings]

    @property
    def lost(self) -> float:
        """The share of what was read that was lost in decoding: of the file that lost most."""
        return max((file.lost for file in self.files), default=0.0)

    @property
    def unread(self) -> float:
        """The share of a video that is known to be lost, in [0, 1]: of the one that lost most."""
        return max((file.unread for file in self.files), default=0.0)

    def close(self) -> None:
        """Close every file."""
        for file in self.files:
            file.close()

    def _inside(self, time: float) -> float:
        """A time within the window: beyond its edges the picture at the edge is given."""
        if self.window is None:
            return time
        last = max(self.window.start, self.window.end - EDGE_S)
        return min(max(time, self.window.start), last)

    def _heard(self, start: float, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.window is None:
            return samples
        return silenced_outside(self.window, start, samples, SAMPLE_RATE)

    def _file(self, index: int) -> MediaFile:
        self._check_index(index)
        return self.files[index]

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self.videos):
            raise ModuleInputError(
                f"video {index}: there are {len(self.videos)} videos, counted from 0.",
                hint="Use `video` or an item of `videos`.",
            )

    def _ends(self, video: int, span: Span | None) -> tuple[float, float]:
        duration = self.video(video).duration
        if span is None:
            return 0.0, duration
        if not (math.isfinite(span.start) and math.isfinite(span.end)) or span.start > span.end:
            raise ModuleInputError(
                f"span of video {video}: expected start <= end, both finite, got {span}.",
                hint="Give seconds within the video.",
            )
        start = min(max(0.0, span.start), duration)
        return start, min(max(start, span.end), duration)

    def _whole(
        self,
        video: int,
        time: float,
        limit: int | None,
        on_decoded: Callable[[], None] | None,
        on_degraded: Callable[[], None] | None,
        is_lent: bool,
    ) -> NDArray[np.uint8]:
        """One whole picture, the caller's own unless it is lent."""
        return self._file(video).picture(time, limit, on_decoded, on_degraded, is_lent=is_lent)
