"""`first_time`: the first moment at which something can be seen."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Length, Match, Range, Span, Video


@task
def first_time(
    video: Video,
    statement: Annotated[str, Length(1, 200)],
    *,
    span: Span | None = None,
    count: Annotated[int, Range(2, 64)] = 16,
    step: Annotated[float, Range(0.02, 60.0)] = 0.25,
) -> list[Match]:
    """Find when something can first be seen: single frames, coarse to fine, in one call.

    Asks a vision-language model of which of `count` frames the statement is true, then of which
    frames between the last "no" and the first "yes" after it, until they lie a step apart: two or
    three requests. For what stays once it is there; what comes and goes between two of the first
    frames is missed: raise count, or narrow the span.

    Args:
        video: the file.
        statement: what is true of a picture, e.g. "the light is green".
        span: only this part of the video, in seconds; None for all of it.
        count: frames of the first, coarse look; the further ones take 7 each.
        step: how near the time is to be, in seconds.

    Returns:
        One match; text is the statement; start and end are the time of the first frame of which
        it is true, no more than a step (or a frame) late; score in [0, 1]: that of the less
        sure of the replies about the frames before and after. source: "frames". Empty if it is
        true of no frame that was looked at.

    Raises:
        ModuleInputError: the statement is blank, or the span lies outside the video.
        ModuleFailedError: the reply is neither yes nor no.
        NoVideoStreamError: the file has no picture.
        WeightsMissingError: the files of a model in this process are not on this machine.
        LlmError: a server cannot be reached, refuses, or its reply is of no use.

    Example:
        >>> first_time(video, "the light is green")[0].start
        12.5

    Source: the model that --vlm names, hf:MODEL in this process or openai:MODEL behind a server,
    to which the frames go; see its page for the licence. The score is the model's own and not
    calibrated.
    """
