"""`link`: tracks from detections of any module. Plain Python, no model."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Detection, Grid, Range, Track


@task(looks=False, passes_on=("detections",))
def link(
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
