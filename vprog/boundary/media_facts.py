"""Frames, boxes, spans and videos against the run's own videos.

What is a little outside, as honest arithmetic makes it, is moved to the edge; what is outside
altogether is refused with the numbers that hold.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import final

from vprog.boundary.size_check import Refusal
from vprog.types import Box, Frame, Span, Video
from vprog.types.time import MAX_SECONDS

_EDGE_PIXELS = 2.0
_EDGE_SECONDS = 0.1
_RESULT_SECONDS = 2.0
"""How far outside the file a module may put a time: recognisers of speech work in windows."""


class MediaFacts:
    """The videos of a run, as far as arguments are checked against them."""

    def __init__(self, videos: Sequence[Video], *, spans_of: Video | None = None) -> None:
        """Take the run's videos; `spans_of` is the one a call names: its spans lie in it."""
        self.videos = tuple(videos)
        named = self.videos if spans_of is None else (spans_of,)
        self.longest = max((video.duration for video in named), default=0.0)
        self._widest = float(max((video.width for video in self.videos), default=0))
        self._highest = float(max((video.height for video in self.videos), default=0))

    def video(self, raw: Video) -> Video:
        """The host's own record of a video that a program holds."""
        own = self._own(raw.index)
        if raw != own:
            raise Refusal("must be a Video as the program was given it, was changed")
        return own

    def frame(self, raw: Frame) -> Frame:
        """A frame of one of the videos; its time and region moved in from just outside."""
        own = self._own(raw.video)
        if own.width <= 0 or own.height <= 0:
            raise Refusal(f"video {own.index} has no picture, so no frames")
        if raw.region is None and 0.0 <= raw.time <= own.duration:
            return raw
        edge = max(_EDGE_SECONDS, 1.5 / own.fps if own.fps > 0 else 0.0)
        if not -edge <= raw.time <= own.duration + edge:
            raise Refusal(
                f"must be a time within the video, 0 to {own.duration:g} s, is {raw.time:g} s"
            ).inside(".time")
        time = min(max(raw.time, 0.0), own.duration)
        region = raw.region
        if region is not None:
            try:
                region = self.box(region, own.index)
            except Refusal as refusal:
                raise refusal.inside(".region") from None
            if region.x0 >= region.x1 or region.y0 >= region.y1:
                raise Refusal("must cover some of the picture, is empty").inside(".region")
        return Frame(own.index, time, region)

    def box(self, raw: Box, video: int | None) -> Box:
        """A box with its corners in order; cut to the picture where the video is known."""
        if raw.x0 > raw.x1 or raw.y0 > raw.y1:
            raise Refusal(
                "must have x0 <= x1 and y0 <= y1, has "
                f"({raw.x0:g}, {raw.y0:g}, {raw.x1:g}, {raw.y1:g})"
            )
        if video is None:
            width, height = self._widest, self._highest
        else:
            own = self._own(video)
            width, height = float(own.width), float(own.height)
        if raw.x0 >= 0.0 and raw.y0 >= 0.0 and raw.x1 <= width and raw.y1 <= height:
            return raw
        edge = _EDGE_PIXELS
        if raw.x1 < -edge or raw.y1 < -edge or raw.x0 > width + edge or raw.y0 > height + edge:
            raise Refusal(
                f"must lie in the picture, {width:g} x {height:g} pixels, lies outside: "
                f"({raw.x0:g}, {raw.y0:g}, {raw.x1:g}, {raw.y1:g})"
            )
        return Box(
            min(max(raw.x0, 0.0), width),
            min(max(raw.y0, 0.0), height),
            min(max(raw.x1, 0.0), width),
            min(max(raw.y1, 0.0), height),
        )

    def span(self, raw: Span) -> Span:
        """A span of time, cut to the video."""
        check_order(raw.start, raw.end)
        longest = self.longest
        if raw.end < -_EDGE_SECONDS or raw.start > longest + _EDGE_SECONDS:
            raise Refusal(
                f"must lie in the video, 0 to {longest:g} s, is {raw.start:g} to {raw.end:g} s"
            )
        return Span(min(max(raw.start, 0.0), longest), min(max(raw.end, 0.0), longest))

    def times(self, start: float, end: float) -> None:
        """The times of any other value: in order, and times at all."""
        check_order(start, end)

    def _own(self, index: int) -> Video:
        if not 0 <= index < len(self.videos):
            raise Refusal(
                f"must name one of the videos, 0 to {len(self.videos) - 1}, names {index}"
            )
        return self.videos[index]


@final
class ResultFacts(MediaFacts):
    """The same for what a module says of them: its times must lie in the file, and stay."""

    def __init__(self, videos: Sequence[Video], about: Sequence[Video]) -> None:
        """Take the run's videos; times lie in those that the call is about, if it names some."""
        super().__init__(videos)
        if about:
            self.longest = max(video.duration for video in about)

    def span(self, raw: Span) -> Span:
        """A span of time within the file."""
        self.times(raw.start, raw.end)
        return raw

    def times(self, start: float, end: float) -> None:
        """Times within the file, a little tolerance at both ends."""
        check_order(start, end)
        if start < -_RESULT_SECONDS or end > self.longest + _RESULT_SECONDS:
            where = f"{start:g} s" if start == end else f"{start:g} to {end:g} s"
            raise Refusal(f"must lie in the file, 0 to {self.longest:g} s, is {where}")


@functools.lru_cache(maxsize=64)
def facts_of(videos: tuple[Video, ...]) -> MediaFacts:
    """The facts of a run's videos: the same for every call."""
    return MediaFacts(videos)


@functools.lru_cache(maxsize=64)
def result_facts_of(videos: tuple[Video, ...], about: tuple[Video, ...]) -> ResultFacts:
    """Likewise for what modules say of them."""
    return ResultFacts(videos, about)


def check_order(start: float, end: float) -> None:
    """A span of time begins before it ends, and both are times at all."""
    if start > end:
        raise Refusal(f"must have start <= end, has {start:g} and {end:g}")
    if abs(start) > MAX_SECONDS or abs(end) > MAX_SECONDS:
        raise Refusal("must lie within 1e7 seconds, lies outside")
