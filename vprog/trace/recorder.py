"""Writes the trace of one run as it happens.

A run has a folder of its own: `trace.jsonl`, one event a line, and `pictures/`, JPEGs
named by their content. Each event is written in one call, so that whatever ends the
process, the lines before it can be read. Reading is vprog.trace.store's business.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from vprog.errors import DiskFullError, TraceError
from vprog.trace.event import PictureKept, TraceEvent
from vprog.trace.run_names import new_run_folder
from vprog.trace.trace_files import PICTURES, TRACE_FILE

_Event = TypeVar("_Event", bound=TraceEvent)
_Listener = Callable[[TraceEvent], None]


@dataclass(frozen=True)
class _Attempt:
    """The node that the events of this thread belong to, and who follows it."""

    node: int
    listen: _Listener | None


_current: ContextVar[_Attempt | None] = ContextVar("_current", default=None)


@contextlib.contextmanager
def at_node(node: int, listen: Callable[[TraceEvent], None] | None = None) -> Iterator[None]:
    """Events that this thread writes inside carry `node`; `listen` gets each as written."""
    token = _current.set(_Attempt(node, listen))
    try:
        yield
    finally:
        _current.reset(token)


def current_node() -> int:
    """The node that events of this thread carry; 0 for none."""
    attempt = _current.get()
    return attempt.node if attempt is not None else 0


class Recorder:
    """The open trace of a run. May be used from several threads."""

    def __init__(self, folder: Path, *, listen: _Listener | None = None) -> None:
        """Open the trace of a run.

        Args:
            folder: of the run; it is made if it is not there. Nothing may have been recorded
                in it.
            listen: called with every event after it is written, e.g. to show progress.

        Raises:
            TraceError: the folder cannot be made.
            DiskFullError: no space is left.
        """
        self.folder = folder
        self._listen = listen
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._encoder = msgspec.json.Encoder()
        try:
            (folder / PICTURES).mkdir(parents=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(folder / TRACE_FILE, flags, 0o600)
        except OSError as error:
            raise _write_error(error, folder) from error

    @classmethod
    def open_new(cls, parent: Path, *, listen: _Listener | None = None) -> Recorder:
        """The trace of a new run below a folder, which is made if it is not there.

        Raises:
            TraceError, DiskFullError: it cannot be made.
        """
        try:
            folder = new_run_folder(parent)
        except OSError as error:
            raise _write_error(error, parent) from error
        try:
            return cls(folder, listen=listen)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def write(self, event: _Event) -> _Event:
        """Append an event, stamped with the time; gives it back as written.

        Raises:
            DiskFullError: no space is left; what was written before stays readable.
        """
        attempt = _current.get()
        node = event.node if attempt is None else attempt.node
        stamped = msgspec.structs.replace(event, at=round(self.seconds, 6), node=node)
        line = self._encoder.encode(stamped) + b"\n"
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                raise _write_error(error, self.folder) from error
        if self._listen is not None:
            self._listen(stamped)
        if attempt is not None and attempt.listen is not None:
            attempt.listen(stamped)
        return stamped

    def tell(self, event: TraceEvent) -> None:
        """Give an event to who listens, and write nothing; from any thread."""
        if self._listen is not None:
            self._listen(msgspec.structs.replace(event, at=round(self.seconds, 6)))

    def keep_picture(
        self, video: int, time: float, jpeg: bytes, *, size_wh: tuple[int, int], scale: float
    ) -> PictureKept:
        """Keep a frame as a JPEG under the hash of its bytes, and record it."""
        name = _name_of(jpeg)
        path = self.folder / PICTURES / name
        if not path.exists():
            try:
                path.write_bytes(jpeg)
            except OSError as error:
                path.unlink(missing_ok=True)
                raise _write_error(error, self.folder) from error
        width, height = size_wh
        return self.write(
            PictureKept(video=video, time=time, file=name, width=width, height=height, scale=scale)
        )

    def close(self) -> None:
        """Close the trace; a second call does nothing. A trace without an event is removed."""
        with self._lock:
            if self._file < 0:
                return
            is_empty = os.fstat(self._file).st_size == 0
            os.close(self._file)
            self._file = -1
        if is_empty:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _append(self, line: bytes) -> None:
        """All of the line or none of it, so that a full disk leaves no half line."""
        if self._file < 0:
            raise TraceError("the trace is closed.", hint="This is a fault in vprog.")
        n_written = os.write(self._file, line)
        try:
            while n_written < len(line):
                n_written += os.write(self._file, line[n_written:])
        except OSError:
            with contextlib.suppress(OSError):  # the first error says what is wrong
                os.ftruncate(self._file, os.fstat(self._file).st_size - n_written)
            raise


def is_picture(name: str, jpeg: bytes) -> bool:
    """Whether a kept picture holds what was kept under its name."""
    return name == _name_of(jpeg)


def _name_of(jpeg: bytes) -> str:
    return f"{hashlib.sha256(jpeg).hexdigest()[:24]}.jpg"


def _write_error(error: OSError, folder: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFullError(
            f"the trace in {folder} cannot be written: no space is left on the disk.",
            hint="Free some space, or set VPROG_TRACE_DIR to a folder on another disk.",
        )
    return TraceError(
        f"the trace in {folder} cannot be written: {error.strerror or error}.",
        hint="Set VPROG_TRACE_DIR to a folder that you may write to.",
    )
