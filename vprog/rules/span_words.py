"""How a time of a question stands in a program and in its reading."""

from __future__ import annotations

from vprog.rules.times import When


def during(when: When | None) -> str:
    """E.g. " at 5 s" or " between 5 and 9 s"; "" for the whole video."""
    if when is None:
        return ""
    if when.kind == "at":
        return f" at {when.start:g} s"
    return f" between {when.start:g} and {when.end:g} s"


INSTANT = 0.2
"""Seconds that a call looks at where a question names a moment: a span without width holds
nothing to measure, and two frames of the slowest rate that rules ask for lie as far apart."""


def span_argument(when: When | None, duration: float, around: float = 0.0) -> str:
    """The `span=` argument of a module call, with the comma before it; "" for the whole video.

    The span lies in the video and has a width, unless the video has none.
    """
    if when is None:
        return ""
    around = max(around, (INSTANT - (when.end - when.start)) / 2)
    start = max(0.0, min(when.start - around, duration - INSTANT))
    end = min(duration, max(when.end + around, INSTANT))
    return f", span=Span({round(start, 3)!r}, {round(end, 3)!r})"


def moment(when: When, duration: float) -> float:
    """A time at which a frame can be had: never after the last one."""
    return round(max(0.0, min(when.start, duration - 0.05)), 3)
