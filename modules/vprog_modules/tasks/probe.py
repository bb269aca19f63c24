"""`probe`: what the container says of a file. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Metadata, Video


@task
def probe(video: Video) -> Metadata:
    """Tell what the file says of itself: size, length, codecs, sound, subtitles, title.

    Args:
        video: the file.

    Returns:
        Metadata. duration in seconds, size_bytes in bytes, width and height in pixels as
        displayed, fps as average, rotation in degrees, sample_rate in Hz. What the
        file does not have is "" or 0: a file without sound has audio_codec "".

    Example:
        >>> probe(video).video_codec
        'h264'
    """
