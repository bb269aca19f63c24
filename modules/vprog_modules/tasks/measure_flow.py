"""`measure_flow`: how fast the picture moves, and which way."""

from __future__ import annotations

from typing import Annotated, Literal

from vprog.registry.task import task
from vprog.types import RATE, Box, Grid, Level, Span, Video


@task
def measure_flow(
    video: Video,
    along: Literal["speed", "right", "down"] = "speed",
    *,
    region: Box | None = None,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((5.0, 10.0, 25.0))] = 10.0,
) -> list[Level]:
    """Measure how fast what is seen moves in the picture, from each sampled frame to the next.

    The mean over all pixels of the region, whether they move or not: that of the whole picture
    tells of the camera (one that pans right moves the picture left), that of a box of the thing
    in it. How much of the picture moves is told by measure_motion.

    Args:
        video: the file.
        along: "speed" for how fast, whichever way; "right" and "down" for how fast to that side,
            below zero for left and up.
        region: only this part of the picture, in its pixels; None for all of it.
        span: only this part of the video, in seconds; None for all of it.
        fps: frames compared per second. Of what moves by more than a tenth of the picture's
            width from one to the next too little is seen: take more.

    Returns:
        Levels in order of time; value: the mean velocity in pixels of the displayed picture a
        second, 0 where nothing moves or all is plain; time: the middle between the two frames,
        in seconds. One less than the frames looked at, and less one for each cut, across which
        nothing can be followed: a video of one frame gives an empty list. At most 2,000: where
        there would be more, each is the mean over as many successive ones as needed.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: the region lies outside the picture.

    Example:
        >>> rightwards = measure_flow(video, "right", span=Span(2.0, 4.0))
        >>> sum(level.value for level in rightwards) / len(rightwards)
        -118.4
    """
