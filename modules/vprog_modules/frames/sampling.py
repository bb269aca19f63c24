"""At which times a module looks at a video. Owns the rounding to frames that exist.

Frames of a video may lie at uneven distances. A sample is asked for on an even grid and
moved to the frame that is on display there, so that every time returned is the time of a
real frame and no frame is looked at twice. Where a tolerance is given, a keyframe that near
stands in for it: that one decodes by itself, any other with all since the keyframe before it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.registry.call_context import CallContext
from vprog.types import MAX_ITEMS, Level, Span, Video
from vprog.types.clock import clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Times = NDArray[np.float64]

_TINY = 1e-6


class SamplingSpan(NamedTuple):
    """The part of a video to look at, and the times of the frames in it, (T,)."""

    start: float
    end: float
    times: Times
    end_of_video: float

    def every_time(self) -> array[float]:
        """The times of all frames, packed: a list of ten hours of them would be 35 MB."""
        return array("d", self.times.tobytes())

    @property
    def length(self) -> float:
        return self.end - self.start


def sampling_span(task: str, media: CallContext, video: Video, span: Span | None) -> SamplingSpan:
    """The frames on display during `span`, or all of them.

    The frame on display at the start of the span belongs to it.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: the span runs backwards or lies outside the video.
    """
    video = media.video(video.index)
    if video.n_frames == 0 or video.width == 0:
        raise NoVideoStreamError(
            f"{task}(video): expected a file with a picture, got sound only.",
            hint="Ask for its speech or its sound.",
        )
    times = media.frame_times(video.index)
    end_of_video = max(video.duration, float(times[-1]))
    # Where sound begins before the picture, nothing is shown until the first frame.
    first_shown = float(times[0])
    if span is None:
        return SamplingSpan(first_shown, end_of_video, times, end_of_video)
    if not span.start <= span.end or span.start > end_of_video + _TINY or span.end < -_TINY:
        raise ModuleInputError(
            f"{task}(video): expected a span within 0 to {end_of_video:.3f} s, "
            f"got {span.start:g} to {span.end:g}.",
            hint="Use Span(start, end) with start <= end, in seconds of the video.",
        )
    if span.end < first_shown:
        media.warn(f"nothing is shown before {clock(first_shown)}: the first frame stands for it")
    start = max(first_shown, span.start)
    end = max(start, min(span.end, end_of_video))
    first = max(0, int(times.searchsorted(start + _TINY, side="right")) - 1)
    last = int(times.searchsorted(end + _TINY, side="right"))
    return SamplingSpan(start, end, times[first : max(last, first + 1)], end_of_video)


def shown_at(times: Times, time: float) -> float:
    """The time of the frame on display at `time`: the last that is not later."""
    return float(times[max(0, int(times.searchsorted(time + _TINY, side="right")) - 1)])


def even_times(sampling: SamplingSpan, fps: float, *, with_last: bool = False) -> list[float]:
    """Times of the frames on display every 1/fps seconds, each frame once, sorted.

    The end of a span is looked at, the end of the video is not: nothing is shown then.

    Args:
        sampling: from when to when.
        fps: frames per second.
        with_last: also look at the last frame, so that a track can last to the end.
    """
    if fps * sampling.length > 10 * len(sampling.times):
        return [float(time) for time in sampling.times]
    chosen: list[float] = []
    for k in range(math.floor(sampling.length * fps + _TINY) + 1):
        asked = sampling.start + k / fps
        if k and asked > sampling.end_of_video - _TINY:
            break
        time = shown_at(sampling.times, asked)
        if not chosen or time > chosen[-1] + _TINY:
            chosen.append(time)
    last = float(sampling.times[-1])
    if with_last and last > chosen[-1] + _TINY:
        chosen.append(last)
    return chosen


def near_keyframes(
    media: CallContext, video: Video, times: Sequence[float], tolerance: float, within: Times
) -> list[float]:
    """Times of frames, sorted, each with that of the nearest keyframe in its place.

    Args:
        media: knows the keyframes.
        video: whose frames they are.
        times: of the frames that would be exact.
        tolerance: seconds from them to a keyframe that may stand in; without one the frame stays.
        within: the times of the frames that may be looked at.
    """
    keys = media.keyframe_times(video.index) if tolerance > 0 else within[:0]
    keys = keys[(keys >= within[0]) & (keys <= within[-1])]
    if not len(keys):
        return list(times)
    chosen = []
    for time in times:
        after = int(keys.searchsorted(time))
        near = min(keys[max(0, after - 1) : after + 1], key=lambda key: abs(key - time))
        chosen.append(float(near) if abs(near - time) <= tolerance + _TINY else time)
    return sorted(set(chosen))


def check_count(task: str, n_items: int, sampling: SamplingSpan, *, limit: int = MAX_ITEMS) -> None:
    """Refuse a call that would look at, or give, more frames than it may.

    Raises:
        ModuleInputError: with the highest rate that fits.
    """
    if n_items <= limit:
        return
    fits = math.floor((limit - 1) / max(sampling.length, _TINY) * 1000) / 1000
    raise ModuleInputError(
        f"{task}(video): expected at most {limit} frames, got {n_items}.",
        hint=f"Use fps={max(fits, 0.001):g} or lower, or a shorter span.",
    )


def pooled(levels: Sequence[Level] | Iterator[Level], n_expected: int) -> list[Level]:
    """Levels, or means over runs of k successive ones where there are too many to return."""
    k = math.ceil(n_expected / MAX_ITEMS)
    result: list[Level] = []
    run: list[Level] = []
    for level in levels:
        run.append(level)
        if len(run) == k:
            result.append(_mean(run))
            run = []
    if run:
        result.append(_mean(run))
    return result


def _mean(run: Sequence[Level]) -> Level:
    if len(run) == 1:
        return run[0]
    return Level(
        round(sum(sample.time for sample in run) / len(run), 6),
        round(sum(sample.value for sample in run) / len(run), 6),
    )
