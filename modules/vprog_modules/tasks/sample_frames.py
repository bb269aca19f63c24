"""`sample_frames`: frames at even distances. From the index, nothing is decoded."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import MAX_ITEMS, RATE, SECONDS, Frame, Grid, Range, Span, Video


@task(looks=False)
def sample_frames(
    video: Video,
    *,
    fps: Annotated[float, RATE, Grid((0.5, 1.0, 2.0, 5.0))] = 1.0,
    span: Span | None = None,
    count: Annotated[int | None, Range(1, MAX_ITEMS)] = None,
    tolerance: Annotated[float, SECONDS] = 0.0,
) -> list[Frame]:
    """Name frames at even distances: `fps` of them a second, or `count` in all.

    Args:
        video: the file.
        fps: frames per second; ignored if `count` is given.
        span: only this part of the video, in seconds; None for all of it.
        count: how many frames, spread evenly and kept off both ends: each is the
            middle of one of `count` equal parts. Fewer come back if the video has fewer.
        tolerance: seconds that a frame may lie off; a keyframe that near, which decodes
            several times faster, is named in its place. 0 for none.

    Returns:
        Frames in order of time, none twice, each with its own time; at least one. At most
        2,000; with a tolerance fewer where one keyframe is the nearest of several.

    Raises:
        ModuleInputError: more than 2,000 frames would come back (the message has the
            highest fps that fits), or the span lies outside the video.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> [frame.time for frame in sample_frames(video, fps=2.0, span=Span(0, 1))]
        [0.0, 0.5, 1.0]
    """
