"""`track`: things of one kind, followed through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, RATE, Grid, Span, Track, Video


@task
def track(
    video: Video,
    label: Annotated[str, PHRASE],
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
) -> list[Track]:
    """Follow every thing of one kind through the video.

    Args:
        video: the file.
        label: one English noun phrase, e.g. "person".
        span: only this part, in seconds; None for all of it.
        fps: frames looked at per second.

    Returns:
        Tracks in order of first appearance, ids from 1; score in [0, 1]: mean score of
        the detections. Empty if no such thing was seen clearly enough in several frames,
        which is weak evidence that there is none.

    Raises:
        ModuleInputError: the label is blank, or one that the model does not know, or too many
            frames (the message has the fps that fits).
        NoVideoStreamError: the file has no picture.

    Example:
        >>> len(tracks_at(track(video, "person"), 2.0))
        3
    """
