"""`track_colour`: things of one colour, followed through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, RATE, Grid, Span, Track, Video


@task
def track_colour(
    video: Video,
    colour: Annotated[str, PHRASE],
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((2.0, 5.0, 10.0))] = 5.0,
) -> list[Track]:
    """Follow every region of one colour through the video.

    Knows colours, not things. Things of the same colour that touch are one region for
    that time; the track goes on after a gap of up to 1 s, straight ahead.

    Args:
        video: the file.
        colour: red, orange, yellow, green, cyan, blue, purple, pink, brown, black,
            grey or white.
        span: only this part, in seconds; None for all of it.
        fps: frames looked at per second. Fast things need more: between two frames a
            thing should not go further than twice its size.

    Returns:
        Tracks in order of first appearance, ids from 1; label: the colour as asked
        for. Regions under 0.1 % of the picture are left out, and so is what is seen
        in one frame only (unless only one frame is looked at).

    Raises:
        ModuleInputError: the colour is not one of these, or too many frames (the
            message has the fps that fits).
        NoVideoStreamError: the file has no picture.

    Example:
        >>> direction(track_colour(video, "red")[0])
        'right'
    """
