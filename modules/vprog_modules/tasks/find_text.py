"""`find_text`: which text stands in the picture, and when."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import RATE, SCORE, Grid, Span, TextSpan, Video


@task
def find_text(
    video: Video,
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((1.0, 2.0, 5.0))] = 2.0,
    min_score: Annotated[float, SCORE, Grid((0.3, 0.5, 0.7))] = 0.5,
) -> list[TextSpan]:
    """Find every line of text that stands in the picture, and when.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        fps: how often per second to look; text that stands for less than 1/fps may be
            missed: for each value of a fast counter give the video's own fps.
        min_score: drop lines scored lower; in [0, 1].

    Returns:
        Lines with the span during which they were seen, in order of start, then of
        reading. Nearly equal texts in one place are one line, but other digits are
        another line: a counter gives one per value. start and end are those of the
        frames where the still picture shows them; where the picture behind moves, the
        samples. box: in pixels of the whole frame. score: how sure the reader is of
        the letters. Empty if there is no text.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: more than 2,000 lines.

    Example:
        >>> [(line.text, line.start, line.end) for line in find_text(video)]
        [('Copyright 2013', 1.17, 6.17)]

    Source: RapidOCR, PP-OCR models in its package, Apache-2.0.
    """
