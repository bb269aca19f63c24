"""`track_moving`: whatever moves before a fixed camera, followed through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import RATE, Grid, Span, Track, Video


@task
def track_moving(
    video: Video,
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
) -> list[Track]:
    """Follow everything that moves through the picture of a fixed camera.

    Works by difference from the usual picture, so the camera must stand still. What a
    thing is, it does not know: things that touch or overlap are one for that time, a
    shadow or reflection may belong to a thing or be one, and what stays at its place
    (leaves, a turning wheel) or stands for most of the time is left out.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        fps: frames looked at per second; fast things need more than the default.

    Returns:
        Tracks in order of first appearance, ids from 1, label "moving object"; score
        in [0, 1]: how strongly the thing stands out. direction(track) tells which way
        it goes. Left out: what is seen in fewer than 3 frames or for less than
        0.5 s, does not get on by a sixth of its own size, or covers less than 0.06 % of the
        picture.

    Raises:
        ModuleInputError: the camera moves most of the time, or too many frames (the
            message has the fps that fits).
        NoVideoStreamError: the file has no picture.

    Example:
        >>> [direction(track) for track in track_moving(video)]
        ['right', 'left']
    """
