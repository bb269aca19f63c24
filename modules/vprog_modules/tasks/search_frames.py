"""`search_frames`: the frames that show what words say."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, RATE, SCORE, Grid, Match, Range, Span, Video


@task
def search_frames(
    video: Video,
    query: Annotated[str, PHRASE],
    *,
    count: Annotated[int, Range(1, 200)] = 8,
    span: Span | None = None,
    fps: Annotated[float, RATE, Grid((0.5, 1.0, 2.0))] = 1.0,
    diversity: Annotated[float, SCORE, Grid((0.0, 0.3, 0.6))] = 0.3,
) -> list[Match]:
    """Find the frames whose picture is nearest to words, best first: where to look.

    Something is always nearest, so that it proves nothing: look at what was found
    (detect, ask_yes_no) before answering. The first call on a file looks at all frames of
    the span once; further ones are quick.

    Args:
        video: the file.
        query: what to see, e.g. "a dog on a sofa".
        count: the most frames to give.
        span: only this part of the video, in seconds; None for all of it.
        fps: frames per second to look at.
        diversity: in [0, 1]: 0 gives the nearest frames alone, even if all are alike; more
            gives frames that differ, for questions that need several moments.

    Returns:
        Matches, best first: text is the query, start and end are the time of the frame,
        frame_at(video, match.start) is the frame. Score in [0, 1]: the cosine of the angle
        between picture and words, 0 below it. It compares frames of one search and is no
        probability; 0.2 to 0.35 is usual for what is there. source: "frames".

    Raises:
        ModuleInputError: the span lies outside the video, or holds too many frames.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the weights are not on this machine.

    Example:
        >>> [match.start for match in search_frames(video, "a red car", count=2)]
        [14.0, 52.0]

    Source: A. Radford et al., "Learning transferable visual models from natural language
    supervision", 2021; L. Chen, G. Zhang and H. Zhou, "Fast greedy MAP inference for
    determinantal point process", 2018.
    """
