"""`track_mask`: one outlined thing, followed through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import RATE, Grid, Mask, Span, Video


@task
def track_mask(
    video: Video,
    mask: Mask,
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
) -> list[Mask]:
    """Follow one outlined thing through the video, from its frame on and back to the start.

    Args:
        video: the file.
        mask: of the thing in one frame, from `segment` or `segment_at`.
        span: only this part, in seconds; None for all of it.
        fps: frames looked at per second.

    Returns:
        Its masks in order of time, the given one among them where the span holds its frame; none
        for a frame in which it is not seen. Score in [0, 1]: how sure it is that the thing is
        seen.

    Raises:
        ModuleInputError: no module of this run gave the mask, it is of another video, or too many
            frames (the message has the fps that fits).
        NoVideoStreamError: the file has no picture.

    Example:
        >>> masks = track_mask(video, segment(frame, "dog")[0])
        >>> max(masks, key=lambda mask: mask.area).frame.time
        4.2
    """
