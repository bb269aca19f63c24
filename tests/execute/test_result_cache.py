"""The cache: exact, shared between processes, whole after a kill, honest about a full disk."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vprog.errors import DiskFullError, VprogError
from vprog.execute.result_cache import ResultCache


def test_cache_gives_back_what_was_put_also_after_reopening(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.put("k", b"value", task="detect")
    assert cache.get("k") == b"value"
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("k") == b"value"
    assert again.get("other") is None
    assert again.info() == [("detect", 1, 5)]
    again.close()


def test_cache_in_memory_only_needs_no_folder() -> None:
    cache = ResultCache(None)
    cache.put("k", b"v", task="t")
    assert cache.get("k") == b"v"
    assert cache.info() == []
    assert cache.clear() == 0


def test_cache_memory_forgets_what_was_used_longest_ago() -> None:
    cache = ResultCache(None, memory_mb=1)
    for name in "abc":
        cache.put(name, b"x" * 400_000, task="t")
        cache.get("a")
    assert cache.get("a") is not None
    assert cache.get("b") is None
    assert cache.get("c") is not None


def test_cache_two_open_at_once_share_results(tmp_path: Path) -> None:
    one, two = ResultCache(tmp_path), ResultCache(tmp_path)
    one.put("k", b"from one", task="t")
    one.flush()
    assert two.get("k") == b"from one"
    two.put("l", b"from two", task="t")
    two.flush()
    assert one.get("l") == b"from two"
    one.close()
    two.close()


def test_cache_many_processes_write_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1]))\n"
        "for n in range(300): cache.put(f'{sys.argv[2]}-{n}', b'x' * 50, task='t')\n"
        "cache.close()"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(4)
    ]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    cache = ResultCache(tmp_path)
    assert cache.info() == [("t", 1200, 60_000)]
    cache.close()


def test_cache_kill_leaves_a_whole_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        "    cache.put(str(n), b'x' * 1000, task='t'); cache.flush(); n += 1\n"
        "    if n == 20: print('ready', flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child, child.stdout:
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.wait()
    cache = ResultCache(tmp_path)
    assert cache.get("0") == b"x" * 1000
    assert cache.warnings == []
    cache.close()
    with sqlite3.connect(tmp_path / "results.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_cache_a_damaged_value_is_computed_again_not_believed(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.put("k", b"true", task="t")
    cache.close()
    database = sqlite3.connect(tmp_path / "results.sqlite")
    database.execute("UPDATE results SET value = ?", (b"lie",))
    database.commit()
    database.close()
    again = ResultCache(tmp_path)
    assert again.get("k") is None
    assert "damaged" in again.warnings[0]
    again.close()


def test_cache_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"this is no database" * 500)
    cache = ResultCache(tmp_path)
    assert "set aside" in cache.warnings[0]
    cache.put("k", b"v", task="t")
    cache.close()
    assert list(tmp_path.glob("*.damaged-*"))


def test_cache_prunes_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path, max_mb=1)
    for n in range(30):
        cache.put(f"k{n:02}", b"x" * 50_000, task="t")
        cache.flush()
    cache.close()
    again = ResultCache(tmp_path, max_mb=1)
    assert again.get("k00") is None
    assert again.get("k29") is not None
    assert sum(size for _, _, size in again.info()) <= 1_000_000
    again.close()


def test_cache_full_disk_is_an_error_that_says_so(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    assert cache._database is not None
    pages = cache._database.execute("PRAGMA page_count").fetchone()[0]
    cache._database.execute(f"PRAGMA max_page_count={pages + 2}")
    cache.put("k", b"x" * 100_000, task="t")
    with pytest.raises(DiskFullError, match=r"no space is left.*VPROG_CACHE_DIR"):
        cache.flush()
    cache.keep("l", b"x" * 100_000, task="t")
    cache.settle()
    assert "no space is left" in cache.warnings[0]
    assert cache.get("l") is not None  # in memory, at least
    cache._database.close()
    cache._database = None


def test_cache_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VprogError, match="VPROG_CACHE_DIR"):
        ResultCache(tmp_path / "file" / "cache")


def test_cache_clear_forgets_everything(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.put("k", b"v", task="t")
    cache.flush()
    assert cache.clear() == 1
    assert cache.get("k") is None
    cache.close()


def test_cache_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "cache.put('k', b'x' * 500_000, task='t'); cache.settle(); print(cache.warnings[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "no space is left" in done.stdout
    again = ResultCache(tmp_path)
    assert again.get("k") is None
    again.close()


def test_cache_that_another_holds_is_passed_over(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    assert cache._database is not None
    cache._database.execute("DROP TABLE results")
    assert cache.get("k") is None
    assert "cannot be read" in cache.warnings[0]
    cache.close()
