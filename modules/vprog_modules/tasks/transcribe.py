"""`transcribe`: what is said, with times."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Span, Speech, Video


@task
def transcribe(video: Video, *, span: Span | None = None) -> list[Speech]:
    """Give what is said, with times.

    Args:
        video: the file.
        span: only what is said during this part, in seconds; None for all of it.

    Returns:
        Speech in order of time: text, start, end; score in [0, 1]; source: "subtitles", or
        the model that listened; words with their times where these are known. Empty if
        nobody speaks.

    Raises:
        NoAudioStreamError: the file has neither subtitles nor sound.
        ModuleInputError: more than 2,000 pieces of speech.

    Example:
        >>> [speech.text for speech in transcribe(video, span=Span(0, 10))]
        ['Where are you going?']
    """
