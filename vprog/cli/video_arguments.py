"""What stands as VIDEO on a command line: a file, or what people write instead of one.

A folder or a pattern with one file in it means that file, and stderr says which. What means
several files, an address or stdin gets a message that says what to do.
"""

from __future__ import annotations

import glob
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from vprog.cli.output import note
from vprog.errors import UsageError
from vprog.evaluation.case_list import media_below

_SHOWN = 3


def named_videos(names: Sequence[str], *, is_quiet: bool = False) -> list[str]:
    """The files that are meant; a name that means nothing else is passed on as it is.

    Args:
        names: what was written.
        is_quiet: whether stderr is not told which file a folder or pattern means.

    Raises:
        UsageError: an address, stdin, or a folder or pattern that is not one file.
    """
    videos = [_named(name) for name in names]
    for name, video in zip(names, videos, strict=True):
        if video != name and not is_quiet:
            note(f'vprog: "{name}" is taken as "{video}", the only file there')
    return videos


def _named(name: str) -> str:
    if os.path.isfile(name):
        return name
    if name == "-":
        raise UsageError(
            "a video cannot come from stdin: it is read at many places.",
            hint="Save it first: cat > video.mp4.",
        )
    if "://" in name:
        raise UsageError(
            f'vprog fetches nothing: "{name}" is an address.',
            hint=f"Fetch it first: yt-dlp {shlex.quote(name)} -o video.mp4; then name that file.",
        )
    if os.path.isdir(name):
        found = [str(path) for path in media_below(Path(name))]
        return _only(found, f'"{name}" is a folder', name)
    if glob.has_magic(name):
        found = sorted(path for path in glob.glob(name, recursive=True) if os.path.isfile(path))
        return _only(found, f'"{name}" is a pattern', name)
    return name


def _only(found: Sequence[str], what: str, name: str) -> str:
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"{what} without a video or sound file.", hint="Name a file.")
    more = ", ..." if len(found) > _SHOWN else ""
    shown = ", ".join(Path(path).name for path in found[:_SHOWN])
    raise UsageError(
        f"{what} with {len(found)} files ({shown}{more}).",
        hint=f'Each by itself: vprog batch {shlex.quote(name)} --question "...". '
        "One question about all of them together: name each file.",
    )
