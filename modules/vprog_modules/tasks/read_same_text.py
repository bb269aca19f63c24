"""`read_same_text`: text that stands in several frames, read together."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import SCORE, Frame, Grid, Length, TextLine


@task
def read_same_text(
    frames: Annotated[list[Frame], Length(2, 50)],
    *,
    min_score: Annotated[float, SCORE, Grid((0.2, 0.3, 0.5))] = 0.3,
) -> list[TextLine]:
    """Read text that stands in several frames: each character as most of them have it.

    For a plate, a sign or a label that noise, blur or glare makes another one in each frame.
    Not for text that changes meanwhile: find_text says when which text is there.

    Args:
        frames: of one video, in which the same text stands, e.g. 5 to 15 of a second; with
            regions (crops that follow a thing), lines are matched by their place in them.
        min_score: drop what is read in a single frame and scored lower; in [0, 1].

    Returns:
        Lines read in at least half of the frames, in reading order; box and frame: where
        the text nearest to it was read; score: the agreement on the character that is
        agreed on least, each frame with the score of its own line. Empty if no line is
        read in so many.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: a region lies outside the picture.

    Example:
        >>> frames = [frame_at(video, 4.0 + 0.1 * i) for i in range(9)]
        >>> [line.text for line in read_same_text([crop(frame, plate) for frame in frames])]
        ['MXK 4071']

    Source: votes by character over aligned texts, as ROVER (Fiscus, 1997) does by word.
    """
