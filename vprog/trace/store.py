"""Traces on disk: read one, list all, find one by a part of its name, prune by size.

A trace may be anybody's. What comes in is of its type through and through, the values of
arguments, results and answers as well: who shows, compares or replays it need not check again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import TraceError, TraceNotFoundError
from vprog.trace.event import (
    SCHEMA_VERSION,
    Answered,
    AnyEvent,
    ModuleCalled,
    RunEnded,
    RunStarted,
    Voted,
)
from vprog.trace.recorded_result import RecordedResult, decode_result
from vprog.trace.recorder import is_picture
from vprog.trace.run_names import run_order
from vprog.trace.trace_files import (
    MOST_PICTURE_BYTES,
    MOST_TRACE_BYTES,
    PICTURES,
    TRACE_FILE,
    is_file_inside,
    read_inside,
)
from vprog.types import wire

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

    @cached_property
    def result(self) -> RecordedResult | None:
        """The result of the run, typed; None if it was cut off."""
        return decode_result(self.ended) if self.ended is not None else None

    def has_picture(self, name: str) -> bool:
        """Whether a kept picture is there."""
        return is_file_inside(self.folder, PICTURES, name)

    def picture(self, name: str) -> bytes:
        """The bytes of a kept picture (JPEG).

        Raises:
            TraceError: the picture is gone or damaged, or the name is not one of a picture.
        """
        if not self.has_picture(name):
            raise TraceError(
                f"{self.folder}: no picture {name!r}.", hint="The trace's folder is not complete."
            )
        jpeg = read_inside(self.folder, PICTURES, name, most=MOST_PICTURE_BYTES)
        if not is_picture(name, jpeg):
            raise TraceError(
                f"{self.folder}: no picture {name!r}: its bytes are others than its name says.",
                hint="The trace's folder is damaged, or was changed.",
            )
        return jpeg


def read_trace(path: Path) -> Recording:
    """Read a trace, also one that a crash cut off in the middle of a line.

    Lines that cannot be read are left out and told. Traces from before there was a schema
    version are read as far as they can be.

    Args:
        path: the run's folder, or its trace.jsonl.

    Raises:
        TraceNotFoundError: no trace lies there.
        TraceError: the file is no trace, or one of a newer schema than this version reads.
    """
    folder, name = (path, TRACE_FILE) if path.is_dir() else (path.parent, path.name)
    lines = read_inside(folder, name, most=MOST_TRACE_BYTES).split(b"\n")
    _check_schema(str(folder / name), lines[0])
    events: list[AnyEvent] = []
    damage: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            events.append(_decode_event(line))
        except TraceError as error:
            is_cut = number == len(lines)
            how = "was cut off while it was written" if is_cut else f"cannot be read: {error}"
            damage.append(f"line {number} {how}")
        if not events:
            break
    if not events or not isinstance(events[0], RunStarted):
        why = damage[0] if damage else "it does not begin with a run"
        raise TraceError(
            f"{folder / name}: not a trace of vprog: {why}.",
            hint="Name a folder that `vprog trace list` shows.",
        )
    more = f", and {len(damage) - 1} lines more" if len(damage) > 1 else ""
    return Recording(folder, tuple(events), damage[0] + more if damage else "")


def _decode_event(line: bytes) -> AnyEvent:
    """The event of a line.

    Raises:
        TraceError: it is none, or something in it is not of its type.
    """
    try:
        line.decode()  # what an event keeps as it was written is not looked at by its decoder
        event: AnyEvent = _decoder().decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TraceError(f"not an event: {error}") from error
    match event:
        case ModuleCalled():
            if type(wire.decode(bytes(event.arguments))) is not dict:
                raise TraceError("not an event: arguments must be named")
            wire.decode(bytes(event.result))
        case Answered():
            wire.decode(bytes(event.value))
        case Voted():
            for ballot in event.ballots:
                wire.decode(bytes(ballot.value))
        case RunEnded():
            decode_result(event)
    return event


class _Head(msgspec.Struct):
    """What every version of a first line has in common."""

    schema: int = 0


def _check_schema(name: str, first_line: bytes) -> None:
    """Be sure that a first line, if it is one, is of a version that can be read."""
    try:
        schema = msgspec.json.decode(first_line, type=_Head).schema
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return  # no trace at all: the caller says so
    if schema > SCHEMA_VERSION:
        raise TraceError(
            f"{name}: written by a newer vprog: its schema is {schema}, "
            f"this version reads up to {SCHEMA_VERSION}.",
            hint="Update vprog, or read it with the version that wrote it.",
        )


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(AnyEvent)


@dataclass(frozen=True)
class TraceSummary:
    """One line of `vprog trace list`."""

    folder: Path
    started: RunStarted | None
    """None where it cannot be read."""
    status: str
    """"cut off" where the run did not come to its end, "unreadable" where nothing is known."""
    size_bytes: int
    problem: str = ""
    """Why it cannot be read."""


def list_traces(parent: Path) -> Iterator[TraceSummary]:
    """Every trace below a folder, newest first, read as it is asked for."""
    for folder in reversed(run_folders(parent)):
        try:
            started, ended = _ends(folder)
        except TraceError as error:
            yield TraceSummary(folder, None, "unreadable", _size(folder), error.message)
        else:
            status = ended.status if ended else "cut off"
            yield TraceSummary(folder, started, status, _size(folder))


def run_folders(parent: Path) -> list[Path]:
    """The folders that hold a trace, oldest first, by the numbers that runs have."""
    return [parent / name for name in _run_names(parent)]


def _run_names(parent: Path) -> list[str]:
    return sorted(_listed_runs(parent), key=run_order)


def _listed_runs(parent: Path) -> Iterator[str]:
    """Their names in the order of the disk, one by one: there may be many thousands."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:  # none was ever recorded
        yield from (it.name for it in entries if is_file_inside(parent, it.name, TRACE_FILE))


def _ends(folder: Path) -> tuple[RunStarted, RunEnded | None]:
    """The first and the last event; what lies between is not read.

    Raises:
        TraceError: the first is none of a run.
    """
    first = read_inside(folder, TRACE_FILE, most=MOST_TRACE_BYTES, head=True)
    _check_schema(str(folder / TRACE_FILE), first)
    started = _decode_event(first)
    if not isinstance(started, RunStarted):
        raise TraceError("not a trace of vprog: it does not begin with a run")
    last = read_inside(folder, TRACE_FILE, most=MOST_TRACE_BYTES, tail=_LAST_BYTES)
    try:
        ended = _decode_event(last.rstrip(b"\n").rpartition(b"\n")[2])
    except TraceError:
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
    gone: list[Path] = []
    if sum(_size(parent / name) for name in _listed_runs(parent)) <= max_bytes:
        return gone
    total = 0
    for name in reversed(_run_names(parent)):
        folder = parent / name
        size = _size(folder)
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
