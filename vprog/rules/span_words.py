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


def span_argument(when: When | None, around: float = 0.0) -> str:
    """The `span=` argument of a module call, with the comma before it; "" for the whole video."""
    if when is None:
        return ""
    start, end = max(0.0, when.start - around), when.end + around
    return f", span=Span({round(start, 3)!r}, {round(end, 3)!r})"


def moment(when: When, duration: float) -> float:
    """A time at which a frame can be had: never after the last one."""
    return round(max(0.0, min(when.start, duration - 0.05)), 3)
