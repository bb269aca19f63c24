"""`find_speakers`: who speaks when, by voice."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Event, Grid, Range, Span, Video


@task
def find_speakers(
    video: Video,
    *,
    span: Span | None = None,
    max_pause: Annotated[float, Range(0.0, 10.0), Grid((0.2, 0.5, 1.0))] = 0.5,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Event]:
    """Find the turns of each speaker: which spans one and the same voice speaks in.

    Says neither who they are nor what they say: for the words use transcribe, and compare times.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it. Speakers are counted anew in it.
        max_pause: a pause of one speaker up to this length, in seconds, stays inside of a turn.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which anything is heard.

    Returns:
        Events in order of time, one for each turn, of kind "speaker 1", "speaker 2" ... in the
        order in which they first speak; turns overlap where they speak at once. Score in
        [0, 1]: the mean probability that this one speaks. Empty if nobody speaks.

    Raises:
        NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
        ModuleInputError: the span is longer than the model takes or outside the file, there is
            no such track, or there are more than 2,000 turns.

    Example:
        >>> len({turn.kind for turn in find_speakers(video)})
        2
    """
