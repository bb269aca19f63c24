"""The files of a trace's folder, read with care: a folder may come from anybody.

Only regular files of bounded size are read, and no link below the folder is followed: a trace
shows what it holds, and nothing else of this machine.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from vprog.errors import TraceError, TraceNotFoundError

TRACE_FILE = "trace.jsonl"
PICTURES = "pictures"

MOST_TRACE_BYTES = 512 * 2**20
"""The largest trace that a run writes is some 250 MB, of a module that reports without end."""

MOST_PICTURE_BYTES = 4 * 2**20
"""A kept picture is a JPEG of 480 pixels a side: 60 KB, seldom 200."""

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


def is_file_inside(folder: Path, *parts: str) -> bool:
    """Whether a regular file lies below a folder, with no link on the way."""
    try:
        return _checked(folder, parts) is not None
    except TraceError:
        return False


def read_inside(
    folder: Path, *parts: str, most: int, head: bool = False, tail: int | None = None
) -> bytes:
    """The bytes of a regular file below a folder.

    Args:
        folder: it may be a link, its user named it.
        parts: the names of the folders below it and of the file.
        most: bytes; a larger file is refused.
        head: only its first line.
        tail: only so many bytes from its end.

    Raises:
        TraceNotFoundError: there is no such file.
        TraceError: it is no regular file, or a link, is too large, or cannot be read.
    """
    path = _checked(folder, parts)
    try:
        with open(os.open(path, os.O_RDONLY | _FLAGS), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _no_file(path)
            if found.st_size > most:
                raise TraceError(
                    f"{path}: {found.st_size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read.",
                    hint="Such a file is none that vprog wrote.",
                )
            if tail is not None:
                file.seek(max(0, found.st_size - tail))
            return file.readline() if head else file.read(most)
    except OSError as error:
        raise TraceError(
            f"{path}: cannot be read: {error.strerror or error}.", hint="Check its permissions."
        ) from error


def _checked(folder: Path, parts: tuple[str, ...]) -> Path:
    """The path of what lies below a folder, each part of it looked at, no link among them."""
    path = folder
    for number, part in enumerate(parts, start=1):
        if part in ("", ".", "..") or os.path.basename(part) != part or "\0" in part:
            raise _no_file(folder / "?")
        path /= part
        try:
            mode = path.lstat().st_mode
        except OSError as error:
            raise TraceNotFoundError(
                f"{path}: no trace there.", hint="Run `vprog trace list` for the list."
            ) from error
        fits = stat.S_ISREG(mode) if number == len(parts) else stat.S_ISDIR(mode)
        if not fits:
            raise _no_file(path)
    return path


def _no_file(path: Path) -> TraceError:
    return TraceError(
        f"{path}: not a file of a trace: a link, a folder or a device is not read.",
        hint="Name a folder that vprog wrote.",
    )
