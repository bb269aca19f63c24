"""Value algebra for programs: times, boxes, tracks, words and levels.

Ordinary Python, run in two places: tested here in the host, and fed to the sandbox by
prelude.py. So it uses only what runs there: no classes, no generators, no isinstance on
values. Signatures and docstrings are what language models read.
"""

from __future__ import annotations

import math as _math
import re as _re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from vprog.types import Box, Detection, Frame, Level, Span, Track

Timed = tuple[Any, ...]
"""Anything that has a time: a start and end, a span, a time, or a frame. The stubs name the
classes, `vprog.types.TIMED`."""

AnyTimed = TypeVar("AnyTimed", bound=Timed)
AnyValue = TypeVar("AnyValue")


def span_of(item: Timed) -> Span:
    """The time of anything: of a frame, a level or a detection, a span of length 0."""
    thing: Any = item
    if hasattr(thing, "start"):
        return Span(thing.start, thing.end)
    if hasattr(thing, "span"):
        return Span(thing.span.start, thing.span.end)
    time = thing.time if hasattr(thing, "time") else thing.frame.time
    return Span(time, time)


def duration(item: Timed) -> float:
    """How long something lasts, in seconds."""
    span = span_of(item)
    return span.end - span.start


def union(spans: Sequence[Timed]) -> list[Span]:
    """The times covered by any of the items: sorted spans that do not touch."""
    merged: list[Span] = []
    for span in sorted([span_of(span) for span in spans]):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def intersect(a: Sequence[Timed], b: Sequence[Timed]) -> list[Span]:
    """The times covered by both lists: sorted spans, each of some length."""
    found: list[Span] = []
    for one in union(a):
        for other in union(b):
            start, end = max(one.start, other.start), min(one.end, other.end)
            if start < end:
                found.append(Span(start, end))
    return found


def gaps(spans: Sequence[Timed], whole: Timed) -> list[Span]:
    """The times within `whole` that none of the items covers: sorted spans."""
    found: list[Span] = []
    limit = span_of(whole)
    at = limit.start
    for span in union(spans):
        if span.start > at:
            found.append(Span(at, min(span.start, limit.end)))
        at = max(at, span.end)
        if at >= limit.end:
            break
    if at < limit.end:
        found.append(Span(at, limit.end))
    return [span for span in found if span.start < span.end]


def before(items: Sequence[AnyTimed], time: float) -> list[AnyTimed]:
    """The items that end at or before a time, in their order."""
    return [item for item in items if span_of(item).end <= time]


def after(items: Sequence[AnyTimed], time: float) -> list[AnyTimed]:
    """The items that start at or after a time, in their order."""
    return [item for item in items if span_of(item).start >= time]


def between(items: Sequence[AnyTimed], start: float, end: float) -> list[AnyTimed]:
    """The items of which some part lies between two times, in their order."""
    return [item for item in items if overlaps(item, Span(start, end))]


def overlaps(a: Timed, b: Timed) -> bool:
    """Whether two items share some time; a single moment inside a span counts."""
    one, other = span_of(a), span_of(b)
    start, end = max(one.start, other.start), min(one.end, other.end)
    if start == end:
        return one.start == one.end or other.start == other.end
    return start < end


def longest(items: Sequence[AnyTimed]) -> AnyTimed:
    """The item that lasts longest; the first of equals. ValueError if there is none."""
    if not items:
        raise ValueError("longest(items): the list is empty. Test `if items:` first.")
    best = items[0]
    for item in items:
        if duration(item) > duration(best):
            best = item
    return best


def area(box: Box) -> float:
    """The area of a box in pixels."""
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box as (x, y) in pixels."""
    return ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def iou(a: Box, b: Box) -> float:
    """How much two boxes overlap: intersection over union, in [0, 1]."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (area(a) + area(b) - width * height)


def contains(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point (x, y) lies in a box."""
    return box.x0 <= point[0] < box.x1 and box.y0 <= point[1] < box.y1


def nms(detections: Sequence[Detection], limit: float = 0.5) -> list[Detection]:
    """Detections without repeats: of two boxes that overlap more than `limit`, the better."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda found: -found.score):
        if all(iou(detection.box, other.box) <= limit for other in kept):
            kept.append(detection)
    return kept


def majority(values: Iterable[AnyValue]) -> AnyValue:
    """The most frequent value; the first of equals. ValueError if there is none."""
    listed = list(values)
    if not listed:
        raise ValueError("majority(values): the list is empty. Test `if values:` first.")
    best = listed[0]
    for value in listed:
        if listed.count(value) > listed.count(best):
            best = value
    return best


def crop(frame: Frame, box: Box) -> Frame:
    """The same frame, limited to a box (in pixels of the whole frame)."""
    return Frame(frame.video, frame.time, box)


def tracks_at(tracks: Sequence[Track], time: float, tolerance: float = 0.0) -> list[Track]:
    """The tracks that are there at a time, or at most `tolerance` seconds from it."""
    return [
        track
        for track in tracks
        if track.span.start - tolerance <= time <= track.span.end + tolerance
    ]


def direction(track: Track) -> str:
    """Which way a thing moves in the picture: "left", "right", "up", "down" or "still".

    "still" if it ends nearer to where it began than half its own size.
    """
    across, down = _shift(track)
    first = track.detections[0].box
    size = max(first.x1 - first.x0, first.y1 - first.y0)
    if max(abs(across), abs(down)) < size / 2:
        return "still"
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "down" if down > 0 else "up"


def speed(track: Track) -> float:
    """Pixels per second, along the straight line from a track's first place to its last."""
    seconds = duration(track)
    across, down = _shift(track)
    return _math.hypot(across, down) / seconds if seconds > 0 else 0.0


def crosses(track: Track, width: float) -> bool:
    """Whether a thing goes from the left third of the picture to the right third, or back.

    `width` is that of the picture: video.width.
    """
    first = centre(track.detections[0].box)[0]
    last = centre(track.detections[-1].box)[0]
    return min(first, last) <= width / 3 and max(first, last) >= width * 2 / 3


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return [str(word) for word in _re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower())]


ACCENTED: dict[str, str] = {
    "a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ",
    "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľłŀ", "n": "ñńņňŋ", "o": "òóôõöøōŏőơ",
    "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűųư", "w": "ŵ", "y": "ýÿŷ",
    "z": "źżž", "ss": "ß", "ae": "æ", "oe": "œ", "th": "þ", "α": "ά", "ε": "έ", "η": "ή",
    "ι": "ίϊΐ", "ο": "ό", "υ": "ύϋΰ", "ω": "ώ", "σ": "ς", "е": "ё", "": "\u0301\u0307\u0308",
}  # fmt: skip
UNACCENTED: dict[str, str] = {
    letter: plain for plain, letters in ACCENTED.items() for letter in letters
}


def folded(text: str) -> str:
    """A text for comparison: in lower case, without accents: "Crème" becomes "creme"."""
    return "".join([UNACCENTED.get(letter, letter) for letter in text.lower()])


def level_at(levels: Sequence[Level], time: float) -> float:
    """The measured value nearest to a time. ValueError if there is none."""
    if not levels:
        raise ValueError("level_at(levels, time): the list is empty. Test `if levels:` first.")
    best = levels[0]
    for level in levels:
        if abs(level.time - time) < abs(best.time - time):
            best = level
    return best.value


def highest(levels: Sequence[Level]) -> Level:
    """The level with the greatest value; the first of equals. ValueError if there is none."""
    if not levels:
        raise ValueError("highest(levels): the list is empty. Test `if levels:` first.")
    return max(levels, key=lambda level: level.value)


def lowest(levels: Sequence[Level]) -> Level:
    """The level with the smallest value; the first of equals. ValueError if there is none."""
    if not levels:
        raise ValueError("lowest(levels): the list is empty. Test `if levels:` first.")
    return min(levels, key=lambda level: level.value)


def _shift(track: Track) -> tuple[float, float]:
    """How far the middle of a thing has moved between its first and last box, in pixels."""
    if not track.detections:
        raise ValueError("the track has no detections.")
    first, last = centre(track.detections[0].box), centre(track.detections[-1].box)
    return (last[0] - first[0], last[1] - first[1])
