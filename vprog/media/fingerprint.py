"""The content hash of a file: what cache keys say of it. Hashed once per process and file."""

from __future__ import annotations

import hashlib
import os
import threading

from vprog.errors import VideoUnreadableError
from vprog.media.opening import FileIdentity, identify

_known: dict[tuple[str, FileIdentity], str] = {}
_lock = threading.Lock()


def file_hash(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a regular file's bytes, as 64 hex digits.

    A file is read again only when its size, time of change or inode is another.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        VideoUnreadableError: it is no regular file, is empty, or cannot be read.
    """
    where, identity = identify(path)
    key = (str(where), identity)
    with _lock:
        known = _known.get(key)
    if known is not None:
        return known
    try:
        with open(where, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise VideoUnreadableError(
            f'"{where}" cannot be read: {error.strerror}.', hint="Check the file and the disk."
        ) from error
    if identify(where)[1] != identity:
        raise VideoUnreadableError(
            f'"{where}" has changed while it was read.', hint="Run again when it is complete."
        )
    with _lock:
        _known[key] = digest
    return digest


def content_hash(
    path: str | os.PathLike[str], subtitles: str | os.PathLike[str] | None = None
) -> str:
    """The hash of a video, and of the subtitles beside it where there are any."""
    video = file_hash(path)
    if subtitles is None:
        return video
    return hashlib.sha256(f"{video} with subtitles {file_hash(subtitles)}".encode()).hexdigest()
