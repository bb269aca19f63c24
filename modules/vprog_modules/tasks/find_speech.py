"""`find_speech`: when somebody speaks (voice activity)."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Event, Range, Span, Video


@task
def find_speech(
    video: Video,
    *,
    span: Span | None = None,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Event]:
    """Find the spans in which somebody speaks.

    Says when, not what: for the words use transcribe. Made for voices that stand out:
    speech under loud music or noise may be missed, singing may be taken for speech.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which somebody speaks.

    Returns:
        Events of kind "speech" in order of time; pauses up to 0.35 s stay inside.
        Score in [0, 1]: how much the sound is like speech. Empty if nobody speaks, as
        in silence, noise, tones and music without singing.

    Raises:
        NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
        ModuleInputError: more than 2,000 spans, or there is no such track.

    Example:
        >>> first = find_speech(video)[0].start
    """
