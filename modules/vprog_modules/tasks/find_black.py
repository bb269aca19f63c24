"""`find_black`: when the picture is black."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Event, Grid, Range, Span, Video


@task
def find_black(
    video: Video,
    *,
    span: Span | None = None,
    min_length: Annotated[float, Range(0.0, 3600.0), Grid((0.05, 0.1, 0.5))] = 0.1,
) -> list[Event]:
    """Find the spans in which the picture is black.

    Every frame is looked at. Black: mean luma under 0.047 and 95 % of the pixels under
    0.12, so that a small logo or line of text may stay. A dark scene is not black.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        min_length: the shortest span, in seconds.

    Returns:
        Events of kind "black" in order of time; start: the first black frame; end:
        the first frame that is not, or the end of the video or span. Score in [0, 1]:
        the mean share of the picture that is dark. Empty if the picture is never black.

    Raises:
        ModuleInputError: more than 2,000 spans.
        NoVideoStreamError: the file has no picture.

    Example:
        >>> [black.start for black in find_black(video)]
        [6.17, 12.15]
    """
