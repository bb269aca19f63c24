"""`find_silence`: when nothing is heard."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Event, Grid, Range, Span, Video


@task
def find_silence(
    video: Video,
    *,
    span: Span | None = None,
    level: Annotated[float, Range(-100.0, 0.0), Grid((-60.0, -50.0, -40.0))] = -50.0,
    min_length: Annotated[float, Range(0.0, 3600.0), Grid((0.1, 0.3, 1.0))] = 0.3,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Event]:
    """Find the spans in which the sound is silent.

    Silence is a level: a pause of a speaker in a noisy room is none. For pauses in
    speech look at what lies between the events of find_speech.

    Args:
        video: the file. One with a silent sound track is silent for its whole length.
        span: only this part, in seconds; None for all of it.
        level: what stays under this is silence, in dBFS.
        min_length: the shortest span, in seconds.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which anything is heard.

    Returns:
        Events of kind "silence" in order of time, to 0.02 s. Score in [0, 1]: how far
        the span lies under `level` (0.5 at 6 dB, 0.9 at 20 dB, 1 without any sound).
        Empty if there is no silence.

    Raises:
        NoAudioStreamError: the file has no sound track: ask `video.has_audio` first.
        ModuleInputError: more than 2,000 spans, or there is no such track.

    Example:
        >>> [(quiet.start, quiet.end) for quiet in find_silence(video, min_length=1.0)]
        [(3.42, 5.1)]
    """
