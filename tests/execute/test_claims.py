"""Claims: whose they are, when they end, and that a file of them is never worth an error."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vprog.execute.claims import Claims, process_identity


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Claims, Claims]]:
    """Two owners on one file."""
    owners = opened(tmp_path), opened(tmp_path)
    yield owners
    for owner in owners:
        owner.close()


def opened(folder: Path) -> Claims:
    return Claims(folder / "claims.sqlite", before_release=lambda: None)


def rewritten(folder: Path, change: str, values: tuple[object, ...] = ()) -> None:
    with contextlib.closing(sqlite3.connect(folder / "claims.sqlite")) as database:
        database.execute(change, values)
        database.commit()


def test_claims_are_of_who_took_them_first_until_they_are_given_up(
    both: tuple[Claims, Claims],
) -> None:
    one, two = both
    assert one.take(["a", "b"]) == set()
    assert two.take(["b", "c"]) == {"b"}
    assert one.states(["a", "b", "c"]) == {"a": "free", "b": "free", "c": "held"}
    one.release(["b", "c"])
    assert two.take(["b"]) == set()
    assert one.take(["b", "c"]) == {"b", "c"}  # what is not one's own cannot be given up


def test_claims_write_what_came_of_them_before_they_end(tmp_path: Path) -> None:
    two = opened(tmp_path)
    seen: list[object] = []
    one = Claims(
        tmp_path / "claims.sqlite", before_release=lambda: seen.append(two.states(["a"])["a"])
    )
    one.take(["a"])
    one.release(["a"])
    one.release(["a"])
    assert seen == ["held"]
    assert two.states(["a"]) == {"a": "free"}
    one.close()
    two.close()


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("UPDATE claims SET until = ?", 1.0),
        ("UPDATE claims SET until = ?", 4e9),
        ("UPDATE claims SET until = ?", "later"),
        ("UPDATE claims SET pid = ?", "one"),
        ("UPDATE claims SET pid = ?", 2**40),
        ("UPDATE claims SET process = ?", None),
    ],
)
def test_claims_that_cannot_hold_are_abandoned(
    tmp_path: Path, both: tuple[Claims, Claims], change: str, value: object
) -> None:
    one, two = both
    one.take(["a"])
    rewritten(tmp_path, change, (value,))
    assert two.states(["a"]) == {"a": "abandoned"}
    assert two.take(["a"]) == set()
    assert one.take(["a"]) == {"a"}


def test_claims_are_renewed_while_they_are_held(tmp_path: Path) -> None:
    path = tmp_path / "claims.sqlite"
    one = Claims(path, before_release=lambda: None, lease_s=0.3)
    two = Claims(path, before_release=lambda: None, lease_s=0.3)
    one.take(["a"])
    first = ends(path)
    deadline = time.monotonic() + 30
    while ends(path) == first and time.monotonic() < deadline:
        time.sleep(0.02)
    assert ends(path) > first
    one.close()
    assert two.states(["a"]) == {"a": "free"}
    two.close()


def ends(path: Path) -> float:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return float(database.execute("SELECT until FROM claims").fetchone()[0])


def test_claims_of_a_process_that_ended_are_abandoned(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path; from vprog.execute.claims import Claims\n"
        "Claims(Path(sys.argv[1]), before_release=lambda: None).take(['a']); os._exit(0)"
    )
    path = tmp_path / "claims.sqlite"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    claims = opened(tmp_path)
    assert claims.states(["a"]) == {"a": "abandoned"}
    claims.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this system")
def test_process_identity_tells_processes_apart_and_knows_the_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_identity(child.pid) == process_identity(child.pid)
    assert process_identity(child.pid) != process_identity(os.getpid())
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet waited for
    assert process_identity(child.pid) == ""
    child.communicate()
    assert process_identity(child.pid) == ""


def test_claims_in_a_damaged_file_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "claims.sqlite").write_bytes(b"this is no database" * 500)
    one, two = opened(tmp_path), opened(tmp_path)
    assert one.take(["a"]) == set()
    assert two.take(["a"]) == {"a"}
    one.close()
    two.close()


def test_claims_that_cannot_be_kept_hold_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "claims.sqlite").mkdir()
    one = opened(tmp_path)
    assert one.take(["a"]) == set()
    assert one.states(["a"]) == {"a": "free"}
    one.release(["a"])
    one.close()


def test_a_claim_that_could_not_be_given_up_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "claims.sqlite"
    one = Claims(path, before_release=lambda: None, lease_s=0.3)
    two = Claims(path, before_release=lambda: None, lease_s=0.3)
    one.take(["leaked", "held"])
    one._held.remove("leaked")  # as after a release that met a full disk
    deadline = time.monotonic() + 30
    while two.states(["leaked"]) == {"leaked": "held"} and time.monotonic() < deadline:
        time.sleep(0.02)
    assert two.states(["leaked"]) == {"leaked": "abandoned"}
    one.close()
    two.close()
