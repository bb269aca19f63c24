"""Where and when a value is: what a timeline, a drawn box and a piece of evidence need.

How it is told from a value's fields is written in value_class.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from vprog.types import VALUES, Box, Frame, Track

_ROWS = {row.cls: row for row in VALUES if row.is_evidence}


class Location(NamedTuple):
    """A time (start == end) or span of one video, with what is there."""

    video: int
    start: float | None
    end: float | None
    box: Box | None = None
    text: str | None = None
    score: float | None = None


def location_of(value: Any, video: int = 0) -> Location | None:
    """The one location that a value stands for; None for values that are nowhere.

    Args:
        value: of any type; a pair of seconds is nowhere.
        video: the video of values that name none, such as spans.
    """
    row = _ROWS.get(type(value))
    if row is None:
        return None
    fields: tuple[str, ...] = row.cls._fields
    text = getattr(value, row.text) if row.text in fields else None
    first = value.detections[0] if "detections" in fields and value.detections else None
    frame = value if row.cls is Frame else value.frame if "frame" in fields else None
    start, end = _times(value if frame is None else frame, fields if frame is None else ("time",))
    if frame is not None:
        video = frame.video
    elif first is not None:
        video = first.frame.video
    return Location(
        video,
        start,
        end,
        _box(value if first is None else first),
        f"{text:.3g}" if isinstance(text, float) else text,
        value.score if "score" in fields else None,
    )


def _times(value: Any, fields: tuple[str, ...]) -> tuple[float | None, float | None]:
    if "start" in fields:
        return value.start, value.end
    if "span" in fields:
        return value.span.start, value.span.end
    return (value.time, value.time) if "time" in fields else (None, None)


def _box(value: Any) -> Box | None:
    if type(value) is Box:
        return value
    if type(value) is Frame:
        return value.region
    box: Box | None = getattr(value, "box", None)
    return box


def locations_of(value: object, video: int = 0) -> Iterator[Location]:
    """Every location inside a value: of each item of a list, of each detection of a track."""
    if isinstance(value, Track):
        for detection in value.detections:
            yield from locations_of(detection, video)
    elif isinstance(value, list) or type(value) is tuple:
        for item in value:
            yield from locations_of(item, video)
    elif isinstance(value, dict):
        for item in value.values():
            yield from locations_of(item, video)
    else:
        location = location_of(value, video)
        if location is not None:
            yield location
