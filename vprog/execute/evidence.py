"""What modules reported in a run, and whether an answer's evidence rests on it.

A piece of evidence is supported if a module's output of the same run contains it: the
value itself; a frame that a module gave or looked at; a box or text that a module found; a
span whose two ends are times that modules reported (so the union or the gap between two
reported spans is supported, a made-up span is not).
"""

from __future__ import annotations

from collections.abc import Iterable

from vprog.types import Box, Evidence, Frame, Span, Video
from vprog.types.locate import place_of

_MOST_VALUES = 200_000


class Provenance:
    """The values that modules gave in one run."""

    def __init__(self, videos: Iterable[Video]) -> None:
        self._values: set[object] = set()
        self._times: set[float] = set()
        self._texts: set[str] = set()
        for video in videos:
            self._times.update((0.0, _rounded(video.duration)))

    def record(self, value: object) -> None:
        """Remember a module's output and every value inside it."""
        waiting = [value]
        while waiting and len(self._values) < _MOST_VALUES:
            each = waiting.pop()
            fields = getattr(each, "_fields", None)
            if fields is not None:
                assert isinstance(each, tuple)
                key = freeze(each)
                if key in self._values:
                    continue
                self._values.add(key)
                waiting.extend(each)
                for name in ("start", "end", "time"):
                    if name in fields:
                        self._times.add(_rounded(getattr(each, name)))
            elif isinstance(each, str):
                self._texts.add(each)
            elif isinstance(each, list | tuple):
                waiting.extend(each)
            elif isinstance(each, dict):
                waiting.extend(each.values())

    def supports(self, item: object) -> bool:
        """Whether a piece of evidence stands in what was recorded."""
        if freeze(item) in self._values:
            return True
        if isinstance(item, Span):
            return _rounded(item.start) in self._times and _rounded(item.end) in self._times
        if isinstance(item, Frame) and item.region is not None:
            whole = freeze(item._replace(region=None))
            return whole in self._values and freeze(item.region) in self._values
        return False

    def evidence(self, items: Iterable[object], video: int = 0) -> list[Evidence]:
        """The evidence that an answer names, as results show it."""
        made: list[Evidence] = []
        for item in items:
            place = place_of(item, video)
            if place is None:
                continue
            made.append(
                Evidence(
                    place.video, place.start, place.end, place.box, place.text, self.supports(item)
                )
            )
        return made


def score_of(items: Iterable[object]) -> float | None:
    """The lowest score among the pieces of evidence; None if none has a score."""
    scores = [
        place.score
        for place in (place_of(each) for each in items)
        if place is not None and place.score is not None
    ]
    return min(scores) if scores else None


def freeze(value: object) -> object:
    """A value as something that can be hashed; equal values give equal keys of one type."""
    if isinstance(value, Box):
        return ("Box", *(round(each, 3) for each in value))
    if isinstance(value, list | tuple):
        name = type(value).__name__ if hasattr(value, "_fields") else "list"
        return (name, *(freeze(each) for each in value))
    return value


def _rounded(seconds: float) -> float:
    return round(float(seconds), 3)
