"""What modules reported in a run, and whether an answer's evidence rests on it.

A piece of evidence is supported if a module's output of the same run contains it: the
value itself; a frame that a module gave or looked at; a box or text that a module found; a
span whose two ends are times that modules reported (so the union or the gap between two
reported spans is supported, a made-up span is not).
"""

from __future__ import annotations

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

    def record(self, value: object, video: int = 0) -> None:
        """Remember a module's output and every value inside it; `video` is the one it is of."""
        waiting = [value]
        times = self._times.setdefault(video, set())
        while waiting and len(self._values) < _MOST_VALUES:
            each = waiting.pop()
            fields = getattr(each, "_fields", None)
            if fields is not None:
                assert isinstance(each, tuple)
                key = freeze(each)
                if key in self._values:
                    continue
                self._values[key] = video
                waiting.extend(each)
                for name in ("start", "end", "time"):
                    if name in fields:
                        times.add(_rounded(getattr(each, name)))
            elif isinstance(each, list | tuple):
                waiting.extend(each)
            elif isinstance(each, dict):
                waiting.extend(each.values())

    def looked_at(self, arguments: Iterable[object]) -> None:
        """Remember the frames that a module was given to look at."""
        for given in arguments:
            for frame in given if isinstance(given, list) else [given]:
                if isinstance(frame, Frame):
                    self._values.setdefault(freeze(frame), frame.video)

    def video_of(self, arguments: Iterable[object]) -> int:
        """The video that a call is about: named in its arguments, or that of values in them."""
        named = sorted(videos_in(list(arguments)))
        if named:
            return named[0]
        for argument in arguments:
            first = argument[0] if isinstance(argument, list) and argument else argument
            known = self._values.get(freeze(first)) if hasattr(first, "_fields") else None
            if known is not None:
                return known
        return 0

    def supports(self, item: object) -> bool:
        """Whether a piece of evidence stands in what was recorded."""
        if freeze(item) in self._values:
            return True
        if isinstance(item, Span):
            return self._video_of_span(item) is not None
        if isinstance(item, Frame) and item.region is not None:
            whole = freeze(item._replace(region=None))
            return whole in self._values and freeze(item.region) in self._values
        return False

    def evidence(self, items: Iterable[object]) -> list[Evidence]:
        """The evidence that an answer names, as results show it."""
        made: list[Evidence] = []
        for item in items:
            place = location_of(item, self._home_of(item))
            if place is None:
                continue
            made.append(
                Evidence(
                    place.video, place.start, place.end, place.box, place.text, self.supports(item)
                )
            )
        return made

    def _home_of(self, item: object) -> int:
        """The video of a value that does not name one itself."""
        known = self._values.get(freeze(item))
        if known is None and isinstance(item, Span):
            known = self._video_of_span(item)
        return known if known is not None else 0

    def _video_of_span(self, span: Span) -> int | None:
        """The first video in which modules reported both ends of a span."""
        ends = {_rounded(span.start), _rounded(span.end)}
        return next((video for video, times in self._times.items() if ends <= times), None)


def videos_in(value: object) -> set[int]:
    """The indices of the videos that a value names."""
    found: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Video):
            found.add(each.index)
        elif isinstance(each, Frame):
            found.add(each.video)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
    return found


def score_of(items: Iterable[object]) -> float | None:
    """The lowest score among the pieces of evidence; None if none has a score."""
    scores = [
        place.score
        for place in (location_of(item) for item in items)
        if place is not None and place.score is not None
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
