"""`read_text`: the text in one frame."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import SCORE, Frame, Grid, TextLine


@task
def read_text(
    frame: Frame, *, min_score: Annotated[float, SCORE, Grid((0.3, 0.5, 0.7))] = 0.5
) -> list[TextLine]:
    """Read the text in a frame: signs, titles, counters, clocks; printed Latin or Chinese.

    Args:
        frame: the picture to read; a region limits it, and lets smaller letters be read.
        min_score: drop lines scored lower; in [0, 1].

    Returns:
        Lines in reading order (rows from the top, from the left); text as written; box
        in pixels of the whole frame; score: how sure the reader is of the letters.
        Empty if there is no text.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: the region lies outside the picture.

    Example:
        >>> [line.text for line in read_text(frame_at(video, 1.2))]
        ['Frame = 13', 'PTS = 1.2s']

    Source: RapidOCR, PP-OCR models in its package, Apache-2.0.
    """
