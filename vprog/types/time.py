"""When something is in a video. Times are seconds from the first frame."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A span of time, start <= end, in seconds from the first frame."""

    start: float
    end: float


class Shot(NamedTuple):
    """One uninterrupted take: what lies between two cuts, fades or dissolves.

    `opening` says how it begins: "start" (of the video), "cut", "fade" or "dissolve".
    """

    start: float
    end: float
    opening: str
    score: float


class Event(NamedTuple):
    """Something that lasts from `start` to `end`; `kind` says what, e.g. "silence"."""

    kind: str
    start: float
    end: float
    score: float


class Level(NamedTuple):
    """One measurement of a quantity at a time; the module says which unit `value` has."""

    time: float
    value: float
