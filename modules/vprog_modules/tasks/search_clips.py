"""`search_clips`: the parts of a video that show what words say."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, RATE, SCORE, Grid, Match, Range, Span, Video


@task
def search_clips(
    video: Video,
    query: Annotated[str, PHRASE],
    *,
    seconds: Annotated[float, Range(0.5, 600.0), Grid((4.0, 8.0, 16.0))] = 8.0,
    count: Annotated[int, Range(1, 200)] = 5,
    span: Span | None = None,
    fps: Annotated[float, RATE] = 1.0,
    diversity: Annotated[float, SCORE, Grid((0.0, 0.3, 0.6))] = 0.0,
) -> list[Match]:
    """Find the clips of one length whose pictures are nearest to words, best first.

    Something is always nearest, so that it proves nothing: look at what was found before
    answering. For an event whose length is not known, use ground_event.

    Args:
        video: the file.
        query: what to see, e.g. "she opens the fridge".
        seconds: the length of a clip; those at the end of the span may be shorter.
        count: the most clips to give.
        span: only this part of the video, in seconds; None for all of it.
        fps: frames per second to look at.
        diversity: in [0, 1]: 0 gives the nearest clips alone; more gives clips that differ.

    Returns:
        Matches, best first, that do not overlap: text is the query, start and end are those
        of the clip. Score in [0, 1]: the cosine of the angle between the mean of the clip's
        frames and the words, 0 below it; it compares clips of one search and is no
        probability. source: "clips".

    Raises:
        ModuleInputError: the span lies outside the video, or holds too many frames.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the weights are not on this machine.

    Example:
        >>> search_clips(video, "somebody opens the fridge", seconds=4.0)[0].start
        22.0

    Source: H. Luo et al., "CLIP4Clip", 2021: the mean of the frames' vectors.
    """
