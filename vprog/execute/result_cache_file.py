"""The file of the cache: one SQLite table that many processes read and write.

What is damaged, or is not a table of ours, is set aside and begun anew; the file of a newer vprog
is left as it is; what cannot be used for another reason is an error that says so. SQLite's
write-ahead log keeps the file whole through kill -9.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from vprog.errors import DiskFullError, VprogError

SCHEMA_VERSION = 1
FILE_NAME = "results.sqlite"
_TABLE = (
    "CREATE TABLE results (key TEXT PRIMARY KEY, task TEXT, value BLOB, digest BLOB, used REAL)"
    " WITHOUT ROWID"
)
_BUSY_S = 5.0
"""How long another process may hold the file before it counts as locked."""

_FULL = frozenset(
    ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE")
)
_OUT_OF_REACH = ("BUSY", "LOCKED", "READONLY", "CANTOPEN", "PERM", "AUTH", "IOERR", "NOMEM", "FULL")
"""Errors of SQLite, by how their names begin, that say nothing against what the file holds."""

_Given = TypeVar("_Given")


class CacheFile:
    """An open file of results. Used by one thread at a time."""

    def __init__(self, path: Path, *, max_bytes: int, note: Callable[[str], None]) -> None:
        """Open the file, or make it.

        Args:
            path: where it lies.
            max_bytes: of results; `prune` keeps it below.
            note: told what was wrong with the file and was mended.

        Raises:
            DiskFullError: no space is left.
            VprogError: it cannot be read or written, or is of a newer vprog.
        """
        self.path = path
        self._max_bytes = max_bytes
        self._note = note
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        self._inode = _inode(path)
        self._database = self._open()

    @classmethod
    def below(cls, folder: Path, *, max_mb: int, note: Callable[[str], None]) -> CacheFile:
        """The file in a cache's folder; arguments and errors as of the class."""
        return cls(folder / FILE_NAME, max_bytes=max_mb * 1_000_000, note=note)

    def read(self, key: str) -> bytes | None:
        """The result under a key; None if there is none, or it is damaged.

        Raises:
            VprogError: the file is out of reach, and nothing is known of its results.
        """
        row = self._mended(
            lambda: self._database.execute(
                "SELECT value, digest FROM results WHERE key = ?", (key,)
            ).fetchone(),
            None,
        )
        if row is None:
            return None
        value, digest = row
        if type(value) is not bytes or digest != _digest(value):
            self._note("the cache held a damaged result; it was computed again")
            with contextlib.suppress(sqlite3.Error):  # what is kept in its place replaces it
                self._database.execute("DELETE FROM results WHERE key = ?", (key,))
            return None
        return value

    def write(self, results: Mapping[str, tuple[str, bytes]], used: Collection[str]) -> None:
        """Write results, each as its task and bytes, and note which keys were used.

        Raises:
            DiskFullError: no space is left; the file stays as it was.
            VprogError: it is out of reach.
        """
        now = time.time()

        def store() -> bool:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
                    [
                        (key, task, value, _digest(value), now)
                        for key, (task, value) in results.items()
                    ],
                )
                self._database.executemany(
                    "UPDATE results SET used = ? WHERE key = ?", [(now, key) for key in used]
                )
            return True

        # A file that turns out to be damaged is begun anew, and the results go into that one.
        if not (self._mended(store, False) or self._mended(store, False)):
            raise self._unusable(sqlite3.DatabaseError("it is damaged time and again"))

    def merge(self, other: Path) -> tuple[int, int]:
        """Take over the results of another file that are not here; that one stays as it is.

        Args:
            other: a file of results. Damaged ones are passed over, and told; so are those that
                differ from what stands here under their key, as answers of models may.

        Returns:
            How many were taken, and how many were here already.

        Raises:
            VprogError: it is none of ours, or is of another version of vprog; then nothing of it
                is taken.
        """
        taken = there = damaged = 0
        differing: dict[str, int] = {}
        source: sqlite3.Connection | None = None
        try:
            source = sqlite3.connect(f"{other.absolute().as_uri()}?mode=ro", uri=True)
            version = source.execute("PRAGMA user_version").fetchone()[0]
            if version != SCHEMA_VERSION or _schema(source) != {_TABLE}:
                written = "a newer vprog wrote it" if version > SCHEMA_VERSION else "it is no cache"
                raise VprogError(
                    f"{other} cannot be merged: {written}.",
                    hint="Name the cache folder of a vprog of this version.",
                )
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                for row in source.execute("SELECT key, task, value, digest, used FROM results"):
                    key, task, value, digest, _ = row
                    if type(value) is not bytes or digest != _digest(value):
                        damaged += 1
                        continue
                    here = self._database.execute(
                        "SELECT value, digest FROM results WHERE key = ?", (key,)
                    ).fetchone()
                    if here is None or here[1] != _digest(here[0]):
                        self._database.execute(
                            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)", row
                        )
                        taken += 1
                    elif here[1] == digest:
                        there += 1
                    else:
                        differing[str(task)] = differing.get(str(task), 0) + 1
        except (sqlite3.Error, UnicodeError, TypeError) as error:
            raise VprogError(
                f"{other} cannot be merged: {error}.", hint="Name a cache folder of vprog."
            ) from error
        finally:
            if source is not None:
                source.close()
        if damaged:
            self._note(f"{other}: {damaged} damaged results were left out")
        for task, n in differing.items():
            self._note(
                f"{other}: {n} results of {task} differ from those of the same calls here, which "
                "stay: it does not always give the same"
            )
        return taken, there

    def clear(self) -> int:
        """Remove everything; gives the number of results.

        Raises:
            VprogError: it is out of reach.
        """
        gone = self._mended(lambda: self._database.execute("DELETE FROM results").rowcount, 0)
        self._mended(lambda: self._database.execute("VACUUM"), None)
        return int(gone)

    def sizes(self) -> list[tuple[str, int, int]]:
        """(task, results, bytes) of what it holds.

        Raises:
            VprogError: it is out of reach.
        """
        nothing: list[tuple[object, int, int]] = []
        rows = self._mended(
            lambda: self._database.execute(
                "SELECT task, COUNT(*), SUM(LENGTH(value)) FROM results GROUP BY task ORDER BY task"
            ).fetchall(),
            nothing,
        )
        return [(str(task), int(n), int(size or 0)) for task, n, size in rows]

    def close(self) -> None:
        """Prune, and close the file."""
        with contextlib.suppress(sqlite3.Error, VprogError):  # the next close can prune as well
            self._prune()
        self._database.close()

    def _prune(self) -> None:
        """Keep the file below its limit: the results used longest ago go first."""
        size = sum(size for _, _, size in self.sizes())
        if size <= self._max_bytes:
            return
        gone: list[tuple[str]] = []
        for key, length in self._database.execute(
            "SELECT key, LENGTH(value) FROM results ORDER BY used"
        ):
            if size <= self._max_bytes * 0.8:
                break
            gone.append((key,))
            size -= length or 0
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM results WHERE key = ?", gone)

    def _mended(self, ask: Callable[[], _Given], lacking: _Given) -> _Given:
        """What the database gives; `lacking` where it was damaged and is begun anew."""
        try:
            return ask()
        except (sqlite3.Error, UnicodeError) as error:
            if not _is_damage(error):
                raise self._unusable(error) from error
            self._database.close()
            self._set_aside()
            self._database = self._open()
            return lacking

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except (sqlite3.Error, UnicodeError) as error:
            if not _is_damage(error):
                raise self._unusable(error) from error
        self._set_aside()
        try:
            return self._connect()
        except (sqlite3.Error, UnicodeError) as error:
            raise self._unusable(error) from error

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            str(self.path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise VprogError(
                    f"the cache {self.path} cannot be used: a newer vprog wrote it.",
                    hint="It is left as it is. Set VPROG_CACHE_DIR to another folder.",
                )
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            if not version:
                _make_table(database)
            if _schema(database) != {_TABLE}:
                raise sqlite3.DatabaseError("the tables are not those of a cache")
        except BaseException:
            database.close()
            raise
        self._inode = _inode(self.path)
        return database

    def _set_aside(self) -> None:
        """Put the file out of the way, in place of the one that was damaged before it.

        Raises:
            VprogError: it cannot be moved.
        """
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            if _inode(self.path) == self._inode:  # else another process has set it aside already
                os.replace(self.path, aside)
                for tail in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + tail).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            self._inode = _inode(self.path)
        self._note(f"the cache file was damaged and was set aside as {aside}")

    def _unusable(self, error: Exception) -> VprogError:
        # A file that may not grow (a quota, a limit) is an I/O error to SQLite.
        name = getattr(error, "sqlite_errorname", "")
        if name in _FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
            return DiskFullError(
                f"the cache {self.path} cannot be written: no space is left on the disk.",
                hint="Free some space, or set VPROG_CACHE_DIR to a folder on another disk.",
            )
        reason = getattr(error, "strerror", None) or str(error)
        return VprogError(
            f"the cache {self.path} cannot be used: {reason}.",
            hint="Set VPROG_CACHE_DIR to a folder that you may write to.",
        )


def _make_table(database: sqlite3.Connection) -> None:
    with database:
        database.execute("BEGIN IMMEDIATE")
        if not _schema(database):  # else another process was first
            database.execute(_TABLE)
            database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _schema(database: sqlite3.Connection) -> set[str]:
    """How everything in a database was made, as one line each."""
    rows = database.execute("SELECT sql FROM sqlite_master WHERE substr(name, 1, 7) != 'sqlite_'")
    return {" ".join(str(sql).split()) for (sql,) in rows}


def _is_damage(error: Exception) -> bool:
    """Whether an error speaks of what the file holds, and not of who may use it now."""
    name = str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_")
    return not name.startswith(_OUT_OF_REACH)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()
