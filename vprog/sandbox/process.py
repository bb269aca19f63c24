"""A worker process that can be stopped from any thread, and never another by its number."""

from __future__ import annotations

import os
import signal
import threading
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

    def close(self) -> None:
        """Forget the process; it is not stopped by this."""
        with self._lock:
            if self._pidfd >= 0:
                os.close(self._pidfd)
            self._pid, self._pidfd = None, -1
