"""Traces on disk: read one, list all, find one by a part of its name, prune by size."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import TraceError, TraceNotFoundError
from vprog.trace.event import SCHEMA_VERSION, AnyEvent, RunEnded, RunStarted
from vprog.trace.recorder import PICTURES, TRACE_FILE

_MARK = ".pruned"
_LAST_BYTES = 4_000_000
"""The last event holds the program's text and the evidence, within their bounds."""


@dataclass(frozen=True)
class Recording:
    """All events of one run, as read from disk."""

    folder: Path
    events: tuple[AnyEvent, ...]
    damage: str = ""
    """What of the file could not be read; "" if all could."""

    @property
    def started(self) -> RunStarted:
        first = self.events[0]
        assert isinstance(first, RunStarted)
        return first

    @property
    def ended(self) -> RunEnded | None:
        """The last event, or None if the run was cut off."""
        last = self.events[-1]
        return last if isinstance(last, RunEnded) else None

    def has_picture(self, name: str) -> bool:
        """Whether a kept picture is there."""
        path = self.folder / PICTURES / name
        return path.parent == self.folder / PICTURES and path.is_file()

    def picture(self, name: str) -> bytes:
        """The bytes of a kept picture (JPEG).

        Raises:
            TraceError: the picture is gone, or the name is not one of a picture.
        """
        if not self.has_picture(name):
            raise TraceError(
                f"{self.folder}: no picture {name!r}.", hint="The trace's folder is not complete."
            )
        return (self.folder / PICTURES / name).read_bytes()


def read_trace(path: Path) -> Recording:
    """Read a trace, also one that a crash cut off in the middle of a line.

    Traces from before there was a schema version are read as far as they can be.

    Args:
        path: the run's folder, or its trace.jsonl.

    Raises:
        TraceNotFoundError: no trace lies there.
        TraceError: the file is no trace, or one of a newer schema than this version reads.
    """
    file = path / TRACE_FILE if path.is_dir() else path
    if not file.is_file():
        raise TraceNotFoundError(
            f"{path}: no trace there.", hint="Run `vprog trace list` for the list."
        )
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyEvent)
    events: list[AnyEvent] = []
    damage = ""
    lines = file.read_bytes().split(b"\n")
    _check_schema(file, lines[0])
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            events.append(decoder.decode(line))
        except msgspec.MsgspecError as error:
            if number == len(lines):
                damage = f"line {number} was cut off while it was written"
            else:
                damage = f"line {number} cannot be read: {error}"
            break
    if not events or not isinstance(events[0], RunStarted):
        raise TraceError(
            f"{file}: not a trace of vprog: {damage or 'it does not begin with a run'}.",
            hint="Name a folder that `vprog trace list` shows.",
        )
    return Recording(file.parent, tuple(events), damage)


class _Head(msgspec.Struct):
    """What every version of a first line has in common."""

    schema: int = 0


def _check_schema(file: Path, first_line: bytes) -> None:
    """Be sure that a first line, if it is one, is of a version that can be read."""
    try:
        schema = msgspec.json.decode(first_line, type=_Head).schema
    except msgspec.MsgspecError:
        return  # no trace at all: the caller says so
    if schema > SCHEMA_VERSION:
        raise TraceError(
            f"{file}: written by a newer vprog: its schema is {schema}, "
            f"this version reads up to {SCHEMA_VERSION}.",
            hint="Update vprog, or read it with the version that wrote it.",
        )


@dataclass(frozen=True)
class TraceSummary:
    """One line of `vprog trace list`."""

    folder: Path
    started: RunStarted
    status: str
    """"cut off" where the run did not come to its end."""
    size_bytes: int


def list_traces(parent: Path) -> Iterator[TraceSummary]:
    """Every trace below a folder, newest first, read as it is asked for.

    Folders without a readable trace are left out.
    """
    for folder in reversed(run_folders(parent)):
        with contextlib.suppress(TraceError):
            started, ended = _ends(folder / TRACE_FILE)
            yield TraceSummary(folder, started, ended.status if ended else "cut off", _size(folder))


def run_folders(parent: Path) -> list[Path]:
    """The folders that hold a trace, oldest first."""
    try:
        names = sorted(os.listdir(parent))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [parent / name for name in names if (parent / name / TRACE_FILE).is_file()]


def _ends(file: Path) -> tuple[RunStarted, RunEnded | None]:
    """The first and the last event; what lies between is not read."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyEvent)
    with file.open("rb") as lines:
        first = lines.readline()
        _check_schema(file, first)
        try:
            started = decoder.decode(first)
        except msgspec.MsgspecError as error:
            raise TraceError(f"{file}: not a trace of vprog: {error}.") from error
        if not isinstance(started, RunStarted):
            raise TraceError(f"{file}: not a trace of vprog: it does not begin with a run.")
        size = file.stat().st_size
        lines.seek(max(0, size - _LAST_BYTES))
        last = lines.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        ended = decoder.decode(last)
    except msgspec.MsgspecError:
        return started, None
    return started, ended if isinstance(ended, RunEnded) else None


def find_trace(parent: Path, name: str) -> Path:
    """The folder of a trace, by path, by name, by the start or end of its name, or "last".

    Raises:
        TraceNotFoundError: none fits, or several do.
    """
    if _exists(name):
        return Path(name)
    folders = [run_folder.name for run_folder in run_folders(parent)]
    if name == "last" and folders:
        return parent / folders[-1]
    fitting = [folder for folder in folders if folder.startswith(name) or folder.endswith(name)]
    if len(fitting) == 1:
        return parent / fitting[0]
    what = f"{len(fitting)} traces fit" if fitting else "no trace fits"
    raise TraceNotFoundError(
        f"{what} {name!r} in {parent}.", hint="Run `vprog trace list` for the list."
    )


def prune(parent: Path, max_bytes: int, *, keep: Path | None = None) -> list[Path]:
    """Remove the oldest traces until all together are at most `max_bytes`; gives what went."""
    sizes = [(folder, _size(folder)) for folder in reversed(run_folders(parent))]
    gone: list[Path] = []
    total = 0
    for folder, size in sizes:
        total += size
        if total > max_bytes and folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder)
            total -= size
    return gone


def prune_now_and_then(
    parent: Path, max_bytes: int, *, keep: Path, every_s: float = 600.0
) -> list[Path]:
    """As `prune`, at most once in a while: with thousands of traces it takes its time."""
    mark = parent / _MARK
    try:
        if 0 <= time.time() - mark.stat().st_mtime < every_s:
            return []
    except OSError:  # never pruned yet
        pass
    with contextlib.suppress(OSError):  # a folder that is full or locked is not our answer
        mark.touch()
    return prune(parent, max_bytes, keep=keep)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long or impossible for a path: then it is a name
        return False


def _size(folder: Path) -> int:
    """Bytes in a run's folder; what goes away meanwhile counts nothing."""
    total = 0
    for parent, _, names in os.walk(folder):  # its pictures, and the runs of its audits
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size
    return total
