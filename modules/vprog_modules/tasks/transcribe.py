"""`transcribe`: what is said, with times."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import Range, Span, Speech, Video


@task
def transcribe(
    video: Video,
    *,
    span: Span | None = None,
    audio_track: Annotated[int, Range(0, 1000)] = 0,
    subtitle_track: Annotated[int, Range(0, 1000)] = 0,
) -> list[Speech]:
    """Give what is said, with times.

    Args:
        video: the file.
        span: only what is said during this part, in seconds; None for all of it.
        audio_track: listen to this sound track, counted from 1 as in probe(video).streams,
            and read no subtitles; 0 for subtitles if there are any, else the first sound
            track in which somebody speaks.
        subtitle_track: read this subtitle track of the file, counted from 1; 0 for those
            beside the file, else the first that holds any. Only one of the two is named.

    Returns:
        Speech in order of time: text, start, end; score in [0, 1]; source: "subtitles", or
        the model that listened; words with their times where these are known. Empty if
        nobody speaks; an error if there is neither sound nor a subtitle (video.has_audio).

    Raises:
        NoAudioStreamError: the file has neither subtitles nor sound.
        ModuleInputError: more than 2,000 pieces of speech, or there is no such track.

    Example:
        >>> [speech.text for speech in transcribe(video, span=Span(0, 10))]
        ['Where are you going?']
    """
