"""Results of modules, kept in memory and in one file that processes share.

A result is exact, so it never goes stale: its key says what it depends on (cache_keys.py).
Writing is behind: results gather and go to disk in one transaction, at the latest after a second
and when the cache is closed. A file that cannot be used stops no question: results are kept in
memory, and `trouble` says so to every run. The file itself is the business of result_cache_file.py.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from pathlib import Path

from vprog.errors import VprogError
from vprog.execute.claims import FILE_NAME as CLAIMS_NAME
from vprog.execute.claims import Claims
from vprog.execute.result_cache_file import CacheFile

MODULES_FOLDER = "modules"
_FLUSH_AFTER_S = 1.0
_FLUSH_AT = 200
_REST_S = 30.0
"""A file that another process holds costs its waiting time once in a while, not at every result."""
_MOST_WARNINGS = 100


class ResultCache:
    """Bytes by key. May be used from several threads and processes."""

    def __init__(self, folder: Path | None, *, max_mb: int = 2000, memory_mb: int = 64) -> None:
        """Open the cache; where its file cannot be used, in memory only.

        Args:
            folder: where the file lies; None keeps results in memory only.
            max_mb: the file is pruned to this size, oldest use first.
            memory_mb: results held in memory.
        """
        self.folder_of_modules = None if folder is None else folder / MODULES_FOLDER
        """Where modules keep what is costly to make, such as an index of a file."""
        self.max_mb = max_mb
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_size = 0
        self._memory_limit = memory_mb * 1_000_000
        self._pending: dict[str, tuple[str, bytes]] = {}
        self._used: set[str] = set()
        self._lock = threading.RLock()
        self._next_flush = time.monotonic() + _FLUSH_AFTER_S
        self._rests_until = 0.0
        self.trouble: VprogError | None = None
        """Why results are kept for this process only; None where they are not."""
        self.warnings: list[str] = []
        """What happened to single results, and to the file when it was opened."""
        self.n_told = 0
        """How many of the warnings stand in the result of a run."""
        self.claims: Claims | None = None
        """Which calls are being computed, for all processes on the file; None where it is none."""
        self._file: CacheFile | None = None
        if folder is not None:
            try:
                self._file = CacheFile.below(folder, max_mb=max_mb, note=self.warn)
                self.claims = Claims(folder / CLAIMS_NAME, before_release=self.settle)
            except VprogError as error:
                self.trouble = error

    def get(self, key: str, *, is_near: bool = False) -> bytes | None:
        """The result kept under a key, or None; `is_near`: without asking the file."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
            if key in self._pending:
                return self._pending[key][1]
            if is_near or self._file is None or self._is_resting():
                return None
            try:
                value = self._file.read(key)
            except VprogError as error:
                self._rest(error)
                return None
            if value is not None:
                self._used.add(key)
                self._remember(key, value)
            return value

    def keep(self, key: str, value: bytes, *, task: str) -> None:
        """Keep a result; that it cannot be written is a warning."""
        with self._lock:
            self._remember(key, value)
            if self._file is None or self._is_resting():
                return
            self._pending[key] = (task, value)
            if time.monotonic() > self._next_flush or len(self._pending) >= _FLUSH_AT:
                self.settle()

    def settle(self) -> None:
        """Write what is pending; that it cannot be written is a warning."""
        with self._lock:
            self._next_flush = time.monotonic() + _FLUSH_AFTER_S
            if self._file is None or self._is_resting() or not (self._pending or self._used):
                return
            try:
                self._file.write(self._pending, self._used)
            except VprogError as error:
                self._rest(error)
            else:
                self._pending.clear()
                self._used.clear()

    def close(self) -> None:
        """Write what is pending, prune, and close the file; a second call does nothing."""
        if self.claims is not None:
            self.claims.close()
        with self._lock:
            self._rests_until = 0.0
            self.settle()
            if self._file is not None:
                self._file.close()
                self._file = None

    def warn(self, text: str) -> None:
        """One warning more, for the runs that are under way."""
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text)

    def untold(self, start: int) -> list[str]:
        """The warnings from a number on, and the trouble that there is."""
        texts = self.warnings[start:]
        if self.trouble is not None:
            texts.append(f"{self.trouble} Results are kept for this process only.")
        return texts

    def _remember(self, key: str, value: bytes) -> None:
        old = self._memory.pop(key, None)
        self._memory_size += len(value) - (len(old) if old is not None else 0)
        self._memory[key] = value
        while self._memory_size > self._memory_limit and len(self._memory) > 1:
            _, gone = self._memory.popitem(last=False)
            self._memory_size -= len(gone)

    def _is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def _rest(self, error: VprogError) -> None:
        """Do without the file for a while; what is pending is tried again."""
        self.warn(str(error))
        self._rests_until = time.monotonic() + _REST_S
