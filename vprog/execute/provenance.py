"""What modules reported in a run, and whether an answer's evidence rests on it.

A piece of evidence is supported if a module's output of the same run contains it: the
value itself; a frame that a module gave or looked at; a box or text that a module found; a
span whose two ends are times that modules reported (so the union or the gap between two
reported spans is supported, a made-up span is not).

Results are queued as they come and indexed at the first query: what nobody cites costs little.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence

from vprog.types import Box, Evidence, Frame, Span, Video
from vprog.types.locate import location_of

_MOST_VALUES = 200_000


class Provenance:
    """The values that modules gave in one run, each with its video."""

    def __init__(self, videos: Sequence[Video]) -> None:
        self._values: dict[object, int] = {}
        self._times: dict[int, set[float]] = {
            video.index: {0.0, _rounded(video.duration)} for video in videos
        }
        self._queue: deque[tuple[object, int | None]] = deque()
        """In the order they came: results with their video, frames of arguments without."""
        self._lock = threading.Lock()

    def record(self, value: object, video: int = 0) -> None:
        """Remember a module's output and every value inside it; `video` is the one it is of.

        The value must not change from here on.
        """
        self._queue.append((value, video))

    def looked_at(self, arguments: Iterable[object]) -> None:
        """Remember the frames that a module was given to look at."""
        for argument in arguments:
            for frame in argument if isinstance(argument, list) else [argument]:
                if isinstance(frame, Frame):
                    self._queue.append((frame, None))

    def index(self) -> None:
        """Make what is queued ready for queries, which do so themselves, and let go of it."""
        with self._lock:  # programs of one run may query at the same time
            while self._queue:
                value, video = self._queue.popleft()
                if video is not None:
                    self._index_result(value, video)
                elif isinstance(value, Frame):
                    self._values.setdefault(freeze(value), value.video)

    def video_of(self, arguments: Iterable[object]) -> int:
        """The video that a call is about: named in its arguments, or that of values in them."""
        named = sorted(videos_in(list(arguments)))
        if named:
            return named[0]
        for argument in arguments:
            first = argument[0] if isinstance(argument, list) and argument else argument
            video = self._recorded_video(first) if hasattr(first, "_fields") else None
            if video is not None:
                return video
        return 0

    def supports(self, item: object) -> bool:
        """Whether a piece of evidence stands in what was recorded."""
        if self._recorded_video(item) is not None:
            return True
        if isinstance(item, Span):
            return self._video_of_span(item) is not None
        if isinstance(item, Frame) and item.region is not None:
            whole = freeze(item._replace(region=None))
            return whole in self._values and freeze(item.region) in self._values
        return False

    def evidence(self, items: Iterable[object]) -> list[Evidence]:
        """The evidence that an answer names, as results show it."""
        evidence: list[Evidence] = []
        for item in items:
            location = location_of(item, self._home_of(item))
            if location is None:
                continue
            video, start, end, box, text, _ = location
            evidence.append(Evidence(video, start, end, box, text, self.supports(item)))
        return evidence

    def _index_result(self, value: object, video: int) -> None:
        times = self._times.setdefault(video, set())
        waiting = [value]
        while waiting and len(self._values) < _MOST_VALUES:
            item = waiting.pop()
            fields = getattr(item, "_fields", None)
            if fields is not None:
                assert isinstance(item, tuple)
                key = freeze(item)
                if key in self._values:
                    continue
                self._values[key] = video
                waiting.extend(item)
                for name in ("start", "end", "time"):
                    if name in fields:
                        times.add(_rounded(getattr(item, name)))
            elif isinstance(item, list | tuple):
                waiting.extend(item)
            elif isinstance(item, dict):
                waiting.extend(item.values())

    def _recorded_video(self, item: object) -> int | None:
        """The video of a value that was recorded; None for any other."""
        self.index()
        return self._values.get(freeze(item))

    def _home_of(self, item: object) -> int:
        """The video of a value that does not name one itself."""
        video = self._recorded_video(item)
        if video is None and isinstance(item, Span):
            video = self._video_of_span(item)
        return video if video is not None else 0

    def _video_of_span(self, span: Span) -> int | None:
        """The first video in which modules reported both ends of a span."""
        ends = {_rounded(span.start), _rounded(span.end)}
        return next((video for video, times in self._times.items() if ends <= times), None)


def videos_in(value: object) -> set[int]:
    """The indices of the videos that a value names."""
    videos: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Video):
            videos.add(item.index)
        elif isinstance(item, Frame):
            videos.add(item.video)
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
    return videos


def score_of(items: Iterable[object]) -> float | None:
    """The lowest score among the pieces of evidence; None if none has a score."""
    scores = [
        location.score
        for location in (location_of(item) for item in items)
        if location is not None and location.score is not None
    ]
    return min(scores) if scores else None


def freeze(value: object) -> object:
    """A value as something that can be hashed; equal values give equal keys of one type."""
    if isinstance(value, Box):
        return ("Box", *(round(element, 3) for element in value))
    if isinstance(value, list | tuple):
        name = type(value).__name__ if hasattr(value, "_fields") else "list"
        return (name, *(freeze(item) for item in value))
    return value


def _rounded(seconds: float) -> float:
    return round(float(seconds), 3)
