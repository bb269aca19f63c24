"""Which boxes belong on a frame that was kept: of all lines, of one, of a track."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from vprog.trace.event import PictureKept
from vprog.types import Track
from vprog.types.geometry import Box
from vprog.types.locate import locations_of
from vprog.view.mask_picture import kept_masks, overlay
from vprog.view.model import LabelledBox
from vprog.view.skeleton import bones_of, poses_of
from vprog.view.steps import Step

_SAME_TIME_S = 1e-3
_MOST = 60

_MOST_TRACKS = 2000

BoxesByTime = dict[float, Box]
"""Where a thing was: its box by the time in seconds, rounded to milliseconds."""


def boxes_of(steps: Iterable[Step], pictures: Sequence[PictureKept]) -> list[list[LabelledBox]]:
    """For each picture the boxes that calls found in it, each once: one pass over the steps."""
    labels: list[dict[Box, LabelledBox]] = [{} for _ in pictures]
    by_video: dict[int, list[tuple[float, int]]] = {}
    for index, picture in enumerate(pictures):
        by_video.setdefault(picture.video, []).append((picture.time, index))
    for times in by_video.values():
        times.sort()
    for step in steps:
        if step.kind != "call":
            continue
        outlines = {
            (kept.mask.frame.video, kept.mask.frame.time, kept.mask.box): kept.rle
            for kept in kept_masks([step])
        }
        poses = poses_of([step])
        for location in locations_of(step.value, step.video):
            times = by_video.get(location.video, [])
            if location.box is None or location.start is None or location.end is None or not times:
                continue
            first = bisect_left(times, (location.start - _SAME_TIME_S, -1))
            last = bisect_right(times, (location.end + _SAME_TIME_S, len(pictures)))
            pose = poses.get((location.video, location.start, location.box))
            bones = bones_of(pose) if pose else []
            for _, index in times[first:last]:
                known = labels[index].get(location.box)
                if known is not None and bones and not known.bones:  # of a person who was found
                    labels[index][location.box] = msgspec.structs.replace(known, bones=bones)
                elif known is None and len(labels[index]) < _MOST:
                    score = f" {location.score:.2f}" if location.score is not None else ""
                    rle = outlines.get((location.video, location.start, location.box))
                    picture = pictures[index]
                    labels[index][location.box] = LabelledBox(
                        box=location.box,
                        label=f"{location.text or ''}{score}".strip(),
                        mask=overlay(rle, (picture.width, picture.height)) if rle else "",
                        bones=bones,
                    )
    return [list(of_picture.values()) for of_picture in labels]


def tracks_of(steps: Iterable[Step]) -> dict[tuple[int, float, float, Box], BoxesByTime]:
    """The tracks that calls gave: by what evidence says of one (video, start, end, first box)."""
    tracks: dict[tuple[int, float, float, Box], BoxesByTime] = {}
    for step in steps:
        values = step.value if isinstance(step.value, list) else [step.value]
        for value in values if step.kind == "call" else ():
            if isinstance(value, Track) and value.detections and len(tracks) < _MOST_TRACKS:
                first = value.detections[0]
                key = (first.frame.video, value.span.start, value.span.end, first.box)
                tracks[key] = {
                    round(detection.frame.time, 3): detection.box for detection in value.detections
                }
    return tracks
