"""`link`: tracks from detections of any module. Plain Python, no model."""

from __future__ import annotations

import itertools
from typing import Annotated

from vprog.registry.module import module
from vprog.types import Detection, Grid, Range, Track
from vprog_modules.tracking.association import Tracker, tracks_of


@module("link", backend="association by place and size")
class LinkAssociation:
    """Least-cost assignment of detections to straight-line predictions."""

    def __call__(
        self,
        detections: list[Detection],
        *,
        max_gap: Annotated[float, Range(0.0, 3600.0), Grid((0.5, 1.0, 2.0))] = 1.0,
    ) -> list[Track]:
        """Join detections of several frames into tracks: the same thing through time.

        Uses place, size and steady motion only, not looks: two alike things that meet and
        turn round may be swapped. Only detections of one label and one video are joined.
        Nothing is invented between detections. Sample at 2 frames per second or more:
        a thing must not move further than about twice its own size between two frames.

        Args:
            detections: from any module, in any order, e.g. those of many sampled frames.
            max_gap: seconds a thing may be unseen and still be the same thing; the
                distance between two frames always counts as allowed.

        Returns:
            Tracks in order of first appearance, ids from 1; a thing seen once has a track
            of one detection. Score: mean of its detections' scores. Empty if there are no
            detections.

        Example:
            >>> tracks = link([d for frame in frames for d in detect(frame, "person")])
            >>> tracks[0].span
            Span(start=0.0, end=4.0)
        """
        trails = []
        for group in _by_kind(detections):
            times = sorted({each.frame.time for each in group})
            step = min((b - a for a, b in itertools.pairwise(times)), default=0.0)
            tracker = Tracker(max_gap=max(max_gap, step))
            for time in times:
                tracker.step(time, [each for each in group if each.frame.time == time])
            trails += tracker.finish()
        return tracks_of(trails)


def _by_kind(detections: list[Detection]) -> list[list[Detection]]:
    """Detections of one video and label each, in order of time, place and score."""
    groups: dict[tuple[int, str], list[Detection]] = {}
    for detection in sorted(detections, key=lambda one: (one.frame.time, one.box, -one.score)):
        groups.setdefault((detection.frame.video, detection.label), []).append(detection)
    return [groups[key] for key in sorted(groups)]
