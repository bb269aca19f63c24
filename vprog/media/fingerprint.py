"""The content hash of a file: what cache keys say of it. Kept for the files seen last."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from vprog.errors import VideoChangedError, VideoUnreadableError
from vprog.media.opening import FileIdentity, identify

_MOST_KNOWN = 4096
"""Files whose hashes are kept, 700 bytes each: a server is given others for as long as it runs."""
_known: dict[tuple[str, FileIdentity], str] = {}
_lock = threading.Lock()


def file_hash(path: str | os.PathLike[str], expected: FileIdentity | None = None) -> str:
    """SHA-256 of a regular file's bytes, as 64 hex digits.

    A file is read again only when its size, time of change or inode is another, or when thousands
    of others were hashed since.

    Args:
        path: where it lies.
        expected: the state it must be in; by default its present one.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        VideoUnreadableError: it is no regular file, is empty, or cannot be read.
    """
    where, identity = identify(path)
    if expected is not None and identity != expected:
        raise _changed(where)
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
        raise _changed(where)
    with _lock:
        _known[key] = digest
        if len(_known) > _MOST_KNOWN:
            del _known[next(iter(_known))]
    return digest


def hash_with_subtitles(
    video: str, subtitles: str | os.PathLike[str], expected: FileIdentity | None = None
) -> str:
    """The hash of a video, given its own, together with the subtitles beside it.

    Args and errors: see `file_hash`.
    """
    beside = file_hash(subtitles, expected)
    return hashlib.sha256(f"{video} with subtitles {beside}".encode()).hexdigest()


def _changed(path: Path) -> VideoChangedError:
    return VideoChangedError(
        f'"{path}" has changed while it was read.', hint="Run again when it is complete."
    )
