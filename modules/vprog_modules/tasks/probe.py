"""`probe`: what the container says of a file. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Metadata, Video


@task(looks=False)
def probe(video: Video) -> Metadata:
    """Tell what the file says of itself: length, codecs, tracks, languages, chapters, title.

    Args:
        video: the file.

    Returns:
        Metadata. duration in seconds, size_bytes in bytes, width and height in pixels as
        displayed, fps as average, rotation in degrees, sample_rate in Hz. What the
        file does not have is "", 0, False or []: a file without sound has audio_codec "".
        streams: every track, counted from 1 within its kind, with language, title, start and
        duration; is_used marks those that tasks take. chapters in order of time. video_start
        and audio_start: when picture and sound begin, in seconds (one of them is 0). hdr: "PQ"
        or "HLG"; created: the date of recording as written.

    Example:
        >>> probe(video).video_codec
        'h264'
        >>> [s.number for s in probe(video).streams if s.language == "German"]
        [2]
    """
