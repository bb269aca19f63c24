"""Files and folders that one process writes at a time: others are refused, not mixed in."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from vprog.errors import UsageError

_LOCK = ".lock"
_UNWRITABLE = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.EEXIST, errno.ENOTDIR,
})  # fmt: skip
"""Errors of a place that cannot be written; others are of what is read meanwhile."""


def lock_file(file: IO[Any], name: Path) -> None:
    """Keep other processes off a file as long as it is open here.

    Args:
        file: open for writing.
        name: for the message.

    Raises:
        UsageError: another process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows refuses to replace a file that is open
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            raise busy_error(name) from error
        # A file system without locks: then nobody is kept off.


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keep other processes from scoring a folder, or adding to its report, meanwhile.

    Raises:
        UsageError: another process does, or the folder cannot be written, by a full disk say.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # It stays: whoever removed it could take away the one that another just made.
        with (folder / _LOCK).open("w") as file:
            lock_file(file, folder)
            yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        raise UsageError(
            f"{error.filename or folder} cannot be written: {error.strerror}.",
            hint="Make room; what is answered stays, and --resume goes on from it.",
        ) from error


def busy_error(name: Path) -> UsageError:
    """What a second process is told."""
    return UsageError(
        f"{name}: another vprog writes to it.",
        hint="Wait for it, or name another for this one.",
    )
