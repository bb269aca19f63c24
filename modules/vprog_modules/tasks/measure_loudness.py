"""`measure_loudness`: how loud the sound is through time."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Grid, Level, Range, Span, Video


@task
def measure_loudness(
    video: Video,
    *,
    span: Span | None = None,
    step: Annotated[float, Range(0.005, 3600.0), Grid((0.05, 0.1, 0.5))] = 0.1,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Level]:
    """Measure how loud the sound is, in one window after the other.

    Args:
        video: the file.
        span: only this part, in seconds; None for all of it.
        step: length of a window, in seconds.
        audio_track: which sound track, counted from 1 as in probe(video).streams; 0 for the
            one that players begin with, or the first of the others in which anything is heard.

    Returns:
        Levels in order of time; time: the start of the window, in seconds; value: its
        RMS level in dBFS: 0 is the loudest there can be, speech is often -30 to -15,
        under -50 little is heard, -100 is no sound at all. At most 2,000: where there
        would be more, the windows are as many times `step` long as needed.

    Raises:
        NoAudioStreamError: the file has no sound.
        ModuleInputError: there is no such track.

    Example:
        >>> loudest = max(measure_loudness(video), key=lambda level: level.value).time
    """
