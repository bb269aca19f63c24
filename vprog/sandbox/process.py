"""A worker process can be stopped: from any thread, never another by its number, and by Ctrl-C.

Python runs its signal handlers between two lines of Python, and a turn of the sandbox is one
call into compiled code. The operating system tells of a signal through a pipe all the same: so
the worker is stopped at once, not after its turn.
"""

from __future__ import annotations

import math
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import final


@final
class Process:
    """One running process. On Linux it is held by a pidfd, so a reused number is no danger."""

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._lock = threading.Lock()
        self._pidfd = -1
        if pid is not None and hasattr(os, "pidfd_open"):
            try:
                self._pidfd = os.pidfd_open(pid)
            except OSError:  # gone already, or a kernel without pidfds: the number must do
                self._pidfd = -1

    def kill(self) -> None:
        """Stop the process; nothing happens if it is gone."""
        with self._lock:
            try:
                if self._pidfd >= 0:
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
                elif self._pid is not None:
                    os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            except (ProcessLookupError, PermissionError):
                pass

    def memory_mb(self) -> float:
        """What it holds of the memory; infinite where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return math.inf
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def is_gone(self) -> bool:
        """Whether the process has ended, where a pidfd can tell; else False."""
        with self._lock:
            # A pidfd reads as ready once its process has ended, be it waited for or not.
            return self._pidfd >= 0 and bool(select.select([self._pidfd], [], [], 0)[0])

    def close(self) -> None:
        """Forget the process; it is not stopped by this."""
        with self._lock:
            if self._pidfd >= 0:
                os.close(self._pidfd)
            self._pid, self._pidfd = None, -1


@contextmanager
def stopped_by_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` from another thread when SIGINT comes; KeyboardInterrupt follows as ever.

    Does nothing outside the main thread, and where SIGINT does something else than to raise
    KeyboardInterrupt: then it is not ours to say what an interrupt ends.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reader, before, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        os.close(writer)
        watcher.join()
        os.close(reader)


def _watch(reader: int, before: int, stop: Callable[[], None]) -> None:
    """Until the pipe closes: hand each signal on to who listened before us, and act on SIGINT."""
    while numbers := os.read(reader, 64):
        if before >= 0:
            with suppress(OSError):  # its pipe is full or gone: it will see the signal later
                os.write(before, numbers)
        if signal.SIGINT in numbers:
            stop()
