"""`link`: tracks from detections of any module. Plain Python, no model."""

from __future__ import annotations

import itertools

from vprog.registry.module import implements
from vprog.types import Detection, Track
from vprog_modules.tracking.association import Tracker, tracks_of


@implements("link", backend="association by place and size")
class LinkAssociation:
    """Least-cost assignment of detections to straight-line predictions."""

    def __call__(
        self,
        detections: list[Detection],
        *,
        max_gap: float = 1.0,
    ) -> list[Track]:
        trails = []
        for group in _by_kind(detections):
            times = sorted({member.frame.time for member in group})
            step = min((b - a for a, b in itertools.pairwise(times)), default=0.0)
            tracker = Tracker(max_gap=max(max_gap, step))
            for time in times:
                tracker.step(time, [item for item in group if item.frame.time == time])
            trails += tracker.finish()
        return tracks_of(trails)


def _by_kind(detections: list[Detection]) -> list[list[Detection]]:
    """Detections of one video and label each, in order of time, place and score."""
    groups: dict[tuple[int, str], list[Detection]] = {}
    for detection in sorted(detections, key=lambda one: (one.frame.time, one.box, -one.score)):
        groups.setdefault((detection.frame.video, detection.label), []).append(detection)
    return [groups[key] for key in sorted(groups)]
