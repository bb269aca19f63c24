"""`search_sounds`: the parts of a file that sound like what words say."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, Grid, Match, Range, Span, Video


@task
def search_sounds(
    video: Video,
    query: Annotated[str, PHRASE],
    *,
    seconds: Annotated[float, Range(0.5, 10.0), Grid((2.0, 5.0, 10.0))] = 5.0,
    count: Annotated[int, Range(1, 200)] = 5,
    span: Span | None = None,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Match]:
    """Find the parts of the sound that are nearest to words, best first: any sound in any words.

    Something is always nearest, so that it proves nothing: whether there is such a sound at all,
    ask find_sounds where it knows the sound. For what is said use search_speech.

    Args:
        video: the file.
        query: what to hear, e.g. "a crowd cheering far away".
        seconds: the length of a part; those at the end of the span may be shorter.
        count: the most parts to give.
        span: only this part of the file, in seconds; None for all of it.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which anything is heard.

    Returns:
        Matches, best first, that do not overlap: text is the query, start and end are those
        of the part, to about half of its length. Score in [0, 1]: the cosine of the angle
        between sound and words, 0 below it; it compares parts of one search and is no
        probability. source: "sounds". Silence is left out; empty if all is silent.

    Raises:
        NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
        ModuleInputError: the span lies outside the file, or there is no such track.
        WeightsMissingError: the weights are not on this machine.

    Example:
        >>> search_sounds(video, "glass breaks on the floor", seconds=2.0)[0].start
        41.0
    """
