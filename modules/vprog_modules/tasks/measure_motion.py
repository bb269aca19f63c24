"""`measure_motion`: how much of the picture moves through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import RATE, Grid, Level, Span, Video


@task
def measure_motion(
    video: Video,
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
) -> list[Level]:
    """Measure how much of the picture moves, from each sampled frame to the next.

    What counts is change: large and strongly textured things count more than small
    and plain ones, a moving camera counts as motion of the whole picture, a change of
    light does not count, and a cut is left out.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        fps: frames compared per second.

    Returns:
        Levels in order of time; value: share of the picture's pixels that changed, in
        [0, 1], 0 when nothing moves; time: the middle between the two frames, in
        seconds. One less than the frames looked at: a video of one frame gives an
        empty list. At most 2,000: where there would be more, each is the mean over as
        many successive ones as needed.

    Raises:
        NoVideoStreamError: the file has no picture.

    Example:
        >>> liveliest = max(measure_motion(video), key=lambda level: level.value).time
    """
