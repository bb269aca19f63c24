"""`find_sounds`: when a named sound is heard."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import SCORE, Event, Grid, Range, Span, Video


@task
def find_sounds(
    video: Video,
    sound: str,
    *,
    span: Span | None = None,
    window: Annotated[float, Range(0.2, 10.0), Grid((1.0, 2.0, 5.0))] = 2.0,
    min_score: Annotated[float, SCORE, Grid((0.15, 0.3, 0.5))] = 0.3,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Event]:
    """Find the spans in which a sound of one kind is heard: a siren, applause, a doorbell.

    Listens to windows that overlap by half; windows that touch are one event, so that a dog who
    barks five times in a row is one. For what is said use transcribe, for silence find_silence.

    Args:
        video: the file.
        sound: what is heard, in a word or two: "bark", "doorbell", "applause", "laughter".
        span: only this part, in seconds; None for all of it.
        window: length of a window, in seconds. Short ones tell better when, long ones what;
            for a long file take long ones, which is faster.
        min_score: leave out windows scored lower; in [0, 1]. Over 0.5 most are right.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which anything is heard.

    Returns:
        Events in order of time, of the kind that was asked for, their times those of the file, to
        about a window. Score in [0, 1]: of the best window. Empty if the sound is not heard.

    Raises:
        NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
        ModuleInputError: the model does not know the sound (it says which are near), or there
            is no such track, or there are more than 2,000 events.

    Example:
        >>> [(bark.start, bark.end) for bark in find_sounds(video, "bark")]
        [(3.0, 7.0)]
    """
