"""Which files of this computer clients may name: regular ones below the media roots, no others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import final
from urllib.parse import unquote, urlsplit

from vprog.errors import UsageError

_FETCH = "vprog fetches nothing: put the file below a media root and name it by a file: URL."


@final
class MediaRoots:
    """The folders below which clients may name files.

    Example:
        >>> MediaRoots(["/srv/videos"]).find("file:///srv/videos/kitchen.mp4")
        PosixPath('/srv/videos/kitchen.mp4')
    """

    def __init__(self, folders: Iterable[str | Path] = ()) -> None:
        """Be sure that they are there.

        Raises:
            UsageError: one is no folder.
        """
        self.folders: list[Path] = []
        for folder in folders:
            try:
                real = Path(folder).resolve(strict=True)
            except (OSError, RuntimeError, ValueError) as error:
                raise UsageError(
                    f"--media-root {folder}: there is no such folder.", hint="Name one that exists."
                ) from error
            if not real.is_dir():
                raise UsageError(f"--media-root {folder}: it is no folder.", hint="Name a folder.")
            self.folders.append(real)

    def find_folder(self, name: str) -> Path:
        """The folder that a client names: a root, or one below it; as `find` finds files.

        Raises:
            UsageError: it lies below none, is not there, or is no folder.
        """
        real = self._find(name, "folder")
        if not real.is_dir():
            raise UsageError(f"{name[:200]!r} is no folder.", hint="Name a folder of videos.")
        return real

    def is_folder(self, name: str) -> bool:
        """Whether a client names a folder below a root, and no file.

        Raises:
            UsageError: as of `find`.
        """
        return self._find(name, "file").is_dir()

    def find(self, name: str) -> Path:
        """The file that a client names.

        Args:
            name: a file: URL, a path, or a path relative to one of the roots.

        Returns:
            Its real path: links are followed first, and it lies below a root then.

        Raises:
            UsageError: it lies below none, is not there, or is no regular file. Which of these
                is told only for names below a root, so that nobody learns what else is here.
        """
        real = self._find(name, "file")
        if not stat.S_ISREG(real.stat().st_mode):  # a device or a pipe would be waited for
            raise UsageError(f"{name[:200]!r} is no regular file.", hint="Name a video file.")
        return real

    def _find(self, name: str, what: str) -> Path:
        text = _path_of(name)
        tries = [Path(text)] if os.path.isabs(text) else [root / text for root in self.folders]
        for path in tries:
            lexical = Path(os.path.normpath(path))
            try:
                real = path.resolve(strict=True)
            except (OSError, RuntimeError, ValueError):
                real = None
            if real is None:
                if self._holds(lexical) and len(tries) == 1:
                    raise UsageError(f"there is no {what} {name[:200]!r}.", hint="Check the name.")
                continue
            if self._holds(real):
                return real
        if not self.folders:
            hint = "The server has no media root: start it with --media-root DIR."
        else:
            hint = f"Name a {what} below a media root of the server."
        raise UsageError(f"{name[:200]!r} is not below a media root.", hint=hint)

    def _holds(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.folders)


def _path_of(name: str) -> str:
    """The path that a name means.

    Raises:
        UsageError: it means something that is elsewhere, or nothing.
    """
    if not name.strip() or "\x00" in name:
        raise UsageError("the name of the video is empty or broken.", hint="Name a file.")
    scheme = name.partition(":")[0].lower() if ":" in name else ""
    if scheme != "file":
        if "://" in name:
            raise UsageError(f"{scheme}: URLs are not taken.", hint=_FETCH)
        return name
    try:
        url = urlsplit(name)
    except ValueError as error:
        raise UsageError(f"{name[:200]!r} is no URL: {error}.", hint="file:///PATH") from error
    if url.netloc not in ("", "localhost"):
        raise UsageError(f"{name[:200]!r} names another computer.", hint="Write file:///PATH.")
    path = unquote(url.path)
    if "\x00" in path or not path or url.query or url.fragment:
        raise UsageError(
            f"{name[:200]!r} is no plain file: URL.", hint="Write ? and # as %3F and %23."
        )
    return path
