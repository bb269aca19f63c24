"""Results of modules, kept in memory and in one SQLite file that processes share.

Key: module, implementation, version, weights, canonical arguments, content hash of each
video the call touches. A result is exact, so it never goes stale; the file is pruned by
size. Writing is behind: results gather and go to disk in one transaction, at the latest
after a second and when the cache is closed. SQLite's write-ahead log keeps the file whole
through kill -9.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import sqlite3
import threading
import time
from collections import OrderedDict
from pathlib import Path

from vprog.errors import DiskFullError, VprogError

SCHEMA_VERSION = 1
_FLUSH_AFTER_S = 1.0
_FLUSH_AT = 200
_BUSY_S = 10.0
_FULL = frozenset(
    ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE")
)


class ResultCache:
    """Bytes by key. May be used from several threads and processes."""

    def __init__(self, folder: Path | None, *, max_mb: int = 2000, memory_mb: int = 64) -> None:
        """Open the cache.

        Args:
            folder: where the file lies; None keeps results in memory only.
            max_mb: the file is pruned to this size, oldest use first.
            memory_mb: results held in memory.

        Raises:
            DiskFullError: no space is left.
            VprogError: the folder or file cannot be written.
        """
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_size = 0
        self._memory_limit = memory_mb * 1_000_000
        self._max_bytes = max_mb * 1_000_000
        self._pending: dict[str, tuple[str, bytes]] = {}
        self._used: set[str] = set()
        self._lock = threading.RLock()
        self._failure: VprogError | None = None
        self._last_flush = time.monotonic()
        self.warnings: list[str] = []
        self.path = folder / "results.sqlite" if folder is not None else None
        self._database = self._open() if self.path is not None else None

    def get(self, key: str) -> bytes | None:
        """The result kept under a key, or None."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
            if self._database is None:
                return None
            try:
                row = self._database.execute(
                    "SELECT value, digest FROM results WHERE key = ?", (key,)
                ).fetchone()
            except sqlite3.Error as error:
                self._pass_over(error)
                return None
            if row is None:
                return None
            value = bytes(row[0])
            if _digest(value) != row[1]:
                self.warnings.append("the cache held a damaged result; it was computed again")
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("DELETE FROM results WHERE key = ?", (key,))
                return None
            self._used.add(key)
            self._remember(key, value)
            return value

    def put(self, key: str, value: bytes, *, task: str) -> None:
        """Keep a result.

        Raises:
            DiskFullError: an earlier result could not be written.
        """
        with self._lock:
            self._raise_failure()
            self._remember(key, value)
            if self._database is None:
                return
            self._pending[key] = (task, value)
            due = time.monotonic() - self._last_flush > _FLUSH_AFTER_S
            if due or len(self._pending) >= _FLUSH_AT:
                self.flush()

    def keep(self, key: str, value: bytes, *, task: str) -> None:
        """As `put`; that a result cannot be written is a warning."""
        try:
            self.put(key, value, task=task)
        except VprogError as error:
            self.warnings.append(str(error))

    def settle(self) -> None:
        """As `flush`; that it cannot be written is a warning."""
        try:
            self.flush()
        except VprogError as error:
            self.warnings.append(str(error))

    def flush(self) -> None:
        """Write what is pending.

        Raises:
            DiskFullError: no space is left; the file stays as it was.
        """
        with self._lock:
            self._last_flush = time.monotonic()
            if self._database is None or not (self._pending or self._used):
                return
            pending, self._pending = self._pending, {}
            used, self._used = self._used, set()
            now = time.time()
            try:
                with self._database:
                    self._database.execute("BEGIN IMMEDIATE")
                    self._database.executemany(
                        "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
                        [
                            (key, task, value, _digest(value), now)
                            for key, (task, value) in pending.items()
                        ],
                    )
                    self._database.executemany(
                        "UPDATE results SET used = ? WHERE key = ?", [(now, key) for key in used]
                    )
            except sqlite3.Error as error:
                self._failure = self._write_error(error)
                self._raise_failure()

    def clear(self) -> int:
        """Forget everything; gives the number of results that were on disk."""
        with self._lock:
            self._memory.clear()
            self._memory_size = 0
            self._pending.clear()
            if self._database is None:
                return 0
            gone = self._database.execute("DELETE FROM results").rowcount
            self._database.execute("VACUUM")
            return int(gone)

    def info(self) -> list[tuple[str, int, int]]:
        """(task, results, bytes) of what is on disk."""
        with self._lock:
            self.flush()
            if self._database is None:
                return []
            rows = self._database.execute(
                "SELECT task, COUNT(*), SUM(LENGTH(value)) FROM results GROUP BY task ORDER BY task"
            ).fetchall()
            return [(str(task), int(n), int(size)) for task, n, size in rows]

    def close(self) -> None:
        """Write what is pending, prune, and close the file; a second call does nothing.

        Raises:
            DiskFullError: the last results could not be written.
        """
        with self._lock:
            if self._database is None:
                return
            try:
                self.flush()
                with contextlib.suppress(sqlite3.Error):  # the next close can prune as well
                    self._prune()
            finally:
                self._database.close()
                self._database = None

    def _remember(self, key: str, value: bytes) -> None:
        old = self._memory.pop(key, None)
        self._memory_size += len(value) - (len(old) if old is not None else 0)
        self._memory[key] = value
        while self._memory_size > self._memory_limit and len(self._memory) > 1:
            _, gone = self._memory.popitem(last=False)
            self._memory_size -= len(gone)

    def _open(self) -> sqlite3.Connection:
        assert self.path is not None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return self._connect()
        except sqlite3.DatabaseError as error:
            if "not a database" not in str(error) and "malformed" not in str(error):
                raise self._write_error(error) from error
            self._set_aside()
            return self._connect()
        except OSError as error:
            raise self._write_error(error) from error

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            str(self.path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            found = database.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, SCHEMA_VERSION):
                database.execute("DROP TABLE IF EXISTS results")
            database.execute(
                "CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, task TEXT, value BLOB,"
                " digest BLOB, used REAL) WITHOUT ROWID"
            )
            database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _pass_over(self, error: sqlite3.Error) -> None:
        """A file that cannot be read is as good as an empty one: results are computed again."""
        if isinstance(error, sqlite3.OperationalError):  # held by another, a disk that fails
            self.warnings.append(f"the cache {self.path} cannot be read: {error}")
            return
        assert self._database is not None
        self._database.close()
        self._set_aside()
        self._database = self._connect()

    def _set_aside(self) -> None:
        assert self.path is not None
        aside = self.path.with_suffix(f".damaged-{int(time.time())}")
        self.path.rename(aside)
        for tail in ("-wal", "-shm"):
            self.path.with_name(self.path.name + tail).unlink(missing_ok=True)
        self.warnings.append(f"the cache file was damaged and was set aside as {aside}")

    def _prune(self) -> None:
        """Keep the file below its limit: the results used longest ago go first."""
        assert self._database is not None
        size = self._database.execute("SELECT SUM(LENGTH(value)) FROM results").fetchone()[0] or 0
        if size <= self._max_bytes:
            return
        gone: list[tuple[str]] = []
        for key, length in self._database.execute(
            "SELECT key, LENGTH(value) FROM results ORDER BY used"
        ):
            if size <= self._max_bytes * 0.8:
                break
            gone.append((key,))
            size -= length
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM results WHERE key = ?", gone)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _write_error(self, error: Exception) -> VprogError:
        text = str(error)
        # A file that may not grow (a quota, a limit) is an I/O error to SQLite.
        name = getattr(error, "sqlite_errorname", "")
        full = name in _FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT)
        made: VprogError
        if full:
            made = DiskFullError(
                f"the cache {self.path} cannot be written: no space is left on the disk.",
                hint="Free some space, or set VPROG_CACHE_DIR to a folder on another disk.",
            )
        else:
            made = VprogError(
                f"the cache {self.path} cannot be written: {text}.",
                hint="Set VPROG_CACHE_DIR to a folder that you may write to.",
            )
        made.__cause__ = error
        return made


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()
