"""`ground_event`: from when to when something that words say can be seen."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, RATE, Grid, Match, Range, Span, Video


@task
def ground_event(
    video: Video,
    query: Annotated[str, PHRASE],
    *,
    span: Span | None = None,
    fps: Annotated[float, RATE] = 2.0,
    smooth: Annotated[float, Range(0.0, 60.0), Grid((1.0, 2.0, 4.0))] = 2.0,
    count: Annotated[int, Range(1, 200)] = 5,
) -> list[Match]:
    """Find from when to when the pictures are near to words, best first: candidates.

    Where nothing in the video fits, the best of what is there is still given: look at it
    (ask_yes_no on its frames) before answering that it happens.

    Args:
        video: the file.
        query: what happens, e.g. "a man jumps into the water".
        span: only this part of the video, in seconds; None for all of it.
        fps: frames per second to look at.
        smooth: seconds over which similarity is averaged; longer finds longer events.
        count: the most spans to give.

    Returns:
        Matches, best first, that do not overlap: text is the query, start and end are when
        the smoothed similarity lies above a threshold that parts the frames in two. Score in
        [0, 1]: the mean cosine of the angle between the pictures and the words, 0 below it;
        it compares spans of one search and is no probability; where a VLM names the spans, its
        sureness. source: "events". Empty if all pictures are as near as each other, or the VLM
        sees no such thing.

    Raises:
        ModuleInputError: the span lies outside the video, or holds too many frames.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the weights are not on this machine.

    Example:
        >>> ground_event(video, "a man jumps into the water")[0].end
        37.5

    Source: the threshold is that of N. Otsu, "A threshold selection method from gray-level
    histograms", 1979.
    """
