"""Which boxes belong on a kept frame: of all lines, of one, of a thing that is followed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from vprog.trace.event import PictureKept
from vprog.types import Track
from vprog.types.geometry import Box
from vprog.types.locate import locations_of
from vprog.view.steps import Step, Story

_SAME_TIME_S = 1e-3
_MOST = 60

_MOST_TRACKS = 2000

Labelled = tuple[Box, str]
Path = dict[float, Box]
"""Where a thing was: its box by the time in seconds, rounded to milliseconds."""


def boxes_in(story: Story, picture: PictureKept) -> list[Labelled]:
    """Boxes in pixels of the video's frame, with their labels, each once."""
    return boxes_of(story.steps, [picture])[0]


def boxes_of(steps: Iterable[Step], pictures: Sequence[PictureKept]) -> list[list[Labelled]]:
    """The same for each of some pictures, of some steps only: one pass over the steps."""
    found: list[dict[Box, str]] = [{} for _ in pictures]
    by_video: dict[int, list[tuple[float, int]]] = {}
    for index, picture in enumerate(pictures):
        by_video.setdefault(picture.video, []).append((picture.time, index))
    for kept in by_video.values():
        kept.sort()
    for step in steps:
        if step.kind != "call":
            continue
        for place in locations_of(step.value, step.video):
            kept = by_video.get(place.video, [])
            if place.box is None or place.start is None or place.end is None or not kept:
                continue
            first = bisect_left(kept, (place.start - _SAME_TIME_S, -1))
            last = bisect_right(kept, (place.end + _SAME_TIME_S, len(pictures)))
            for _, index in kept[first:last]:
                if place.box not in found[index] and len(found[index]) < _MOST:
                    score = f" {place.score:.2f}" if place.score is not None else ""
                    found[index][place.box] = f"{place.text or ''}{score}".strip()
    return [list(each.items()) for each in found]


def paths_of(steps: Iterable[Step]) -> dict[tuple[int, float, float, Box], Path]:
    """The tracks that calls gave: by what evidence says of one (video, start, end, first box)."""
    found: dict[tuple[int, float, float, Box], Path] = {}
    for step in steps:
        values = step.value if isinstance(step.value, list) else [step.value]
        for value in values if step.kind == "call" else ():
            if isinstance(value, Track) and value.detections and len(found) < _MOST_TRACKS:
                first = value.detections[0]
                key = (first.frame.video, value.span.start, value.span.end, first.box)
                found[key] = {round(one.frame.time, 3): one.box for one in value.detections}
    return found
