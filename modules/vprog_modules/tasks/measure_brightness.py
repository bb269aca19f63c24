"""`measure_brightness`: how light the picture is through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import RATE, Grid, Level, Span, Video


@task
def measure_brightness(
    video: Video,
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((1.0, 2.0, 5.0))] = 2.0,
) -> list[Level]:
    """Measure how light the picture is, frame after frame.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        fps: frames measured per second.

    Returns:
        Levels in order of time; value: mean luma of the picture in [0, 1], 0 black,
        1 white (gamma-encoded, weights of ITU-R BT.601); time of the frame in seconds.
        At most 2,000: where there would be more, each is the mean over as many
        successive ones as needed, at their mean time.

    Raises:
        NoVideoStreamError: the file has no picture.

    Example:
        >>> darkest = min(measure_brightness(video), key=lambda level: level.value)
    """
