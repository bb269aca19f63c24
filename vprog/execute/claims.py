"""Which calls are being computed by which process: a table that all processes on a cache share.

A claim says "being computed by this process until then". It is renewed while its owner lives and
holds it; it counts for nothing once it has run out, or once its owner is gone: a process is known
by its number and the moment it started, so that a number given out anew is not mistaken for it.
Claims save work and decide nothing: where the file cannot be used, calls are computed.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Literal

FILE_NAME = "claims.sqlite"
LEASE_S = 30.0
"""How long a claim counts without being renewed: a stopped process holds nobody up longer."""

_BUSY_S = 1.0
_REST_S = 30.0
"""A file that cannot be used costs its waiting time once in a while, not at every call."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS claims"
    " (key TEXT PRIMARY KEY, owner TEXT, pid INTEGER, process TEXT, until REAL) WITHOUT ROWID"
)

State = Literal["free", "held", "abandoned"]
"""Of a claim: there is none, a living process has it, or its owner is gone."""


class Claims:
    """The claims of one cache in one process. May be used from several threads."""

    def __init__(
        self, path: Path, *, before_release: Callable[[], None], lease_s: float = LEASE_S
    ) -> None:
        """Nothing is opened before the first claim.

        Args:
            path: where the file lies.
            before_release: writes the results of what is released, for others to find.
            lease_s: how long a claim counts unless it is renewed.
        """
        self._path = path
        self._before_release = before_release
        self._lease_s = lease_s
        self._owner = uuid.uuid4().hex
        self._held: set[str] = set()
        self._database: sqlite3.Connection | None = None
        self._rests_until = 0.0
        self._is_closed = False
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._renewer: threading.Thread | None = None

    def take(self, keys: Collection[str]) -> set[str]:
        """Claim calls; gives those that another owner has, who is at work on them."""
        theirs: set[str] = set()
        with self._using() as database:
            if database is None:
                return theirs
            with database:
                database.execute("BEGIN IMMEDIATE")
                for key in keys:
                    if self._state(database, key) == "held":
                        theirs.add(key)
                        continue
                    row = (key, self._owner, os.getpid(), process_identity(os.getpid()))
                    database.execute(
                        "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)",
                        (*row, time.time() + self._lease_s),
                    )
            self._held.update(set(keys) - theirs)
            if self._held and self._renewer is None:
                self._renewer = threading.Thread(
                    target=self._renew, name="vprog-claims", daemon=True
                )
                self._renewer.start()
            self._changed.notify_all()
            return theirs
        return set()

    def states(self, keys: Collection[str]) -> dict[str, State]:
        """How the claims of others stand; "free" where that cannot be said."""
        states: dict[str, State] = dict.fromkeys(keys, "free")
        with self._using() as database:
            if database is not None:
                states.update({key: self._state(database, key) for key in keys})
        return states

    def release(self, keys: Collection[str]) -> None:
        """Give up claims, after what came of them was written; those of others stay theirs."""
        with self._lock:
            own = self._held.intersection(keys)
        if not own:
            return
        self._before_release()
        with self._using() as database:
            self._held -= own
            if database is not None:
                with database:
                    database.executemany(
                        "DELETE FROM claims WHERE key = ? AND owner = ?",
                        [(key, self._owner) for key in own],
                    )

    def close(self) -> None:
        """Give up everything, and close the file."""
        self.release(set(self._held))
        with self._lock:
            self._is_closed = True
            self._changed.notify_all()
            if self._database is not None:
                self._database.close()
                self._database = None

    def _state(self, database: sqlite3.Connection, key: str) -> State:
        row = database.execute(
            "SELECT owner, pid, process, until FROM claims WHERE key = ?", (key,)
        ).fetchone()
        if row is None or row[0] == self._owner:
            return "free"
        _, pid, process, until = row
        # A clock that was set back must not make a claim last for ever.
        is_current = isinstance(until, float) and 0 < until - time.time() <= 2 * self._lease_s
        return "held" if is_current and _may_live(pid, process) else "abandoned"

    def _renew(self) -> None:
        while True:
            with self._lock:
                self._changed.wait_for(lambda: self._held or self._is_closed)
                if self._is_closed:
                    return
                self._changed.wait(self._lease_s / 3)
            with self._using() as database:
                if database is not None and self._held:
                    # By key: one that could not be given up runs out by itself.
                    until = time.time() + self._lease_s
                    with database:
                        database.executemany(
                            "UPDATE claims SET until = ? WHERE key = ? AND owner = ?",
                            [(until, key, self._owner) for key in self._held],
                        )

    @contextlib.contextmanager
    def _using(self) -> Iterator[sqlite3.Connection | None]:
        """The open file, under the lock; None where it cannot be used now."""
        with self._lock:
            if self._database is None and not self._is_resting():
                try:
                    self._database = _opened(self._path)
                except (sqlite3.Error, OSError):
                    self._rest()
            try:
                yield None if self._is_resting() else self._database
            except sqlite3.Error:
                self._rest()

    def _is_resting(self) -> bool:
        return self._is_closed or time.monotonic() < self._rests_until

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + _REST_S
        if self._database is not None:
            self._database.close()
            self._database = None


def process_identity(pid: int) -> str:
    """What tells a process from all others of this machine; "" where it is gone.

    Without /proc it names nothing, and only time ends a claim.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if _has_proc() else "unknown"
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":  # killed, and not yet waited for by its parent
        return ""
    return f"{_world()} {fields[18]}"  # field 22 of proc(5): started, in ticks since boot


def _may_live(pid: object, process: object) -> bool:
    """Whether the owner of a claim lives, as far as can be seen from here."""
    if type(pid) is not int or type(process) is not str:
        return False
    world, _, started = process.rpartition(" ")
    if not started or world != _world():  # of another container: its processes are not seen
        return True
    return process_identity(pid) == process


@cache
def _world() -> str:
    """This boot of this machine, and the namespace in which its processes are numbered."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return "unknown"


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def _opened(path: Path) -> sqlite3.Connection:
    """The file; one that is damaged is made anew, since no claim is worth keeping."""
    try:
        return _connected(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for tail in ("", "-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        str(path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=OFF")  # no claim outlives a power cut
        database.execute(_TABLE)
        database.execute("SELECT key, owner, pid, process, until FROM claims LIMIT 1").fetchone()
    except BaseException:
        database.close()
        raise
    return database
