"""When something is in a video.

Times are seconds from the first frame; where sound begins more than 0.1 s before it, from the
start of the sound, as players show it.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_SECONDS = 1.0e7
"""No time and no file is longer: 115 days."""


class Span(NamedTuple):
    """A span of time, start <= end, in seconds of the video."""

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


def span_iou(one: Span, other: Span) -> float:
    """How much two spans overlap: intersection over union, in [0, 1]; of two equal moments 1."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    whole = max(one.end, other.end) - min(one.start, other.start)
    return 1.0 if whole <= 0 else max(0.0, shared) / whole
