"""Where and when a value is: what a timeline, a drawn box and a piece of evidence need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vprog.types.detection import Detection, Mask, Track
from vprog.types.frame import Frame
from vprog.types.geometry import Box
from vprog.types.reply import Reply
from vprog.types.speech import Match, Speech, TextLine, TextSpan, Word
from vprog.types.time import Event, Level, Shot, Span


class Location(NamedTuple):
    """A time (start == end) or stretch of time of one video, with what is there."""

    video: int
    start: float | None
    end: float | None
    box: Box | None = None
    text: str | None = None
    score: float | None = None


def location_of(value: object, video: int = 0) -> Location | None:
    """The one place that a value stands for; None for values that are nowhere.

    Args:
        value: a value of vprog.types, or a pair of seconds.
        video: the video of values that name none, such as spans.
    """
    match value:
        case Frame():
            return Location(value.video, value.time, value.time, value.region)
        case Detection():
            frame = value.frame
            return Location(
                frame.video, frame.time, frame.time, value.box, value.label, value.score
            )
        case Mask():
            frame = value.frame
            return Location(frame.video, frame.time, frame.time, value.box, None, value.score)
        case TextLine():
            frame = value.frame
            return Location(frame.video, frame.time, frame.time, value.box, value.text, value.score)
        case Track():
            first = value.detections[0] if value.detections else None
            return Location(
                first.frame.video if first else video,
                value.span.start,
                value.span.end,
                first.box if first else None,
                value.label,
                value.score,
            )
        case TextSpan():
            return Location(video, value.start, value.end, value.box, value.text, value.score)
        case Speech() | Word() | Match():
            return Location(video, value.start, value.end, None, value.text, value.score)
        case Event():
            return Location(video, value.start, value.end, None, value.kind, value.score)
        case Shot():
            return Location(video, value.start, value.end, None, value.opening, value.score)
        case Span():
            return Location(video, value.start, value.end)
        case Level():
            return Location(video, value.time, value.time, None, f"{value.value:.3g}")
        case Box():
            return Location(video, None, None, value)
        case Reply():
            return Location(video, None, None, None, value.text, value.score)
    return None


def locations_of(value: object, video: int = 0) -> Iterator[Location]:
    """Every place inside a value: of each item of a list, of each detection of a track."""
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
        place = location_of(value, video)
        if place is not None:
            yield place
