"""The cache: exact, shared between processes, whole after a kill, honest about a full disk."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from vprog.errors import TraceError
from vprog.execute.result_cache import CachedCall, ResultCache, call_key
from vprog.execute.result_cache_file import SCHEMA_VERSION, CacheFile
from vprog.registry.discover import discover
from vprog.types.coverage import Seen


def test_cache_gives_back_what_was_put_also_after_reopening(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.keep("k", b"value", task="detect")
    assert cache.get("k") == b"value"
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("k") == b"value"
    assert again.get("other") is None
    again.close()


def test_cache_in_memory_only_needs_no_folder() -> None:
    cache = ResultCache(None)
    cache.keep("k", b"v", task="t")
    assert cache.get("k") == b"v"


def test_cache_memory_forgets_what_was_used_longest_ago() -> None:
    cache = ResultCache(None, memory_mb=1)
    for name in "abc":
        cache.keep(name, b"x" * 400_000, task="t")
        cache.get("a")
    assert cache.get("a") is not None
    assert cache.get("b") is None
    assert cache.get("c") is not None


def test_cache_two_open_at_once_share_results(tmp_path: Path) -> None:
    one, two = ResultCache(tmp_path), ResultCache(tmp_path)
    one.keep("k", b"from one", task="t")
    one.settle()
    assert two.get("k") == b"from one"
    two.keep("l", b"from two", task="t")
    two.settle()
    assert one.get("l") == b"from two"
    one.close()
    two.close()


@pytest.mark.slow
def test_cache_many_processes_write_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1]))\n"
        "for n in range(300): cache.keep(f'{sys.argv[2]}-{n}', b'x' * 50, task='t')\n"
        "cache.close()"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(4)
    ]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    file = CacheFile.below(tmp_path, max_mb=10, note=pytest.fail)
    assert file.sizes() == [("t", 1200, 60_000)]
    file.close()


def test_cache_kill_leaves_a_whole_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        "    cache.keep(str(n), b'x' * 1000, task='t'); cache.settle(); n += 1\n"
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
    cache.keep("k", b"true", task="t")
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
    cache.keep("k", b"v", task="t")
    cache.close()
    assert (tmp_path / "results.sqlite.damaged").is_file()


def test_cache_full_disk_is_a_warning_and_what_was_computed_is_there(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    database = cache._file._database  # type: ignore[union-attr]
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count={pages + 2}")
    cache.keep("k", b"x" * 100_000, task="t")
    cache.settle()
    assert "no space is left" in cache.warnings[0]
    assert "VPROG_CACHE_DIR" in cache.warnings[0]
    assert cache.get("k") is not None  # in memory, at least
    database.execute("PRAGMA max_page_count=1000000")
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("k") is not None  # it was tried once more
    again.close()


def unusable(folder: Path, how: str) -> None:
    """Make a cache folder one that no cache can be opened in."""
    folder.mkdir()
    file = folder / "results.sqlite"
    if how == "a file in place of the folder":
        folder.rmdir()
        folder.write_text("")
    elif how == "a folder in place of the file":
        file.mkdir()
    elif how == "a newer schema":
        with contextlib.closing(sqlite3.connect(file)) as database:
            database.execute("CREATE TABLE later (thing)")
            database.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    else:
        file.symlink_to("/proc/self/status")


@pytest.mark.parametrize(
    "how",
    [
        "a file in place of the folder",
        "a folder in place of the file",
        "a newer schema",
        "a link to a file of the system",
    ],
)
def test_cache_that_cannot_be_used_is_memory_and_says_so(tmp_path: Path, how: str) -> None:
    unusable(tmp_path / "cache", how)
    cache = ResultCache(tmp_path / "cache")
    cache.keep("k", b"v", task="t")
    assert cache.get("k") == b"v"
    (said,) = cache.untold(0)
    assert "cannot be used" in said
    assert "kept for this process only" in said
    cache.close()


def test_cache_of_a_newer_vprog_is_left_as_it_is(tmp_path: Path) -> None:
    unusable(tmp_path / "cache", "a newer schema")
    before = (tmp_path / "cache" / "results.sqlite").read_bytes()
    cache = ResultCache(tmp_path / "cache")
    cache.keep("k", b"v", task="t")
    cache.close()
    assert (tmp_path / "cache" / "results.sqlite").read_bytes() == before
    assert "a newer vprog wrote it" in str(cache.trouble)


def test_cache_that_another_process_holds_is_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.execute.result_cache_file._BUSY_S", 0.01)
    ResultCache(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "results.sqlite")) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        cache = ResultCache(tmp_path)
        assert "locked" in str(cache.trouble)


def test_cache_locked_amid_a_run_writes_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.execute.result_cache_file._BUSY_S", 0.01)
    cache = ResultCache(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "results.sqlite")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        cache.keep("k", b"v", task="t")
        cache.settle()
        assert "locked" in cache.warnings[0]
        assert cache.get("k") == b"v"
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("k") == b"v"
    again.close()


def test_cache_damaged_amid_a_run_is_set_aside(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache._file._database.execute("DROP TABLE results")  # type: ignore[union-attr]
    assert cache.get("k") is None
    assert "set aside" in cache.warnings[0]
    cache.keep("k", b"v", task="t")
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("k") == b"v"
    again.close()


def test_call_key_depends_on_module_arguments_and_files_and_not_on_their_order() -> None:
    spec = discover().implementations("sample_frames")[0]
    key = call_key(spec, b"{}", {0: "a", 1: "b"})
    assert key == call_key(spec, b"{}", {1: "b", 0: "a"})
    others = [
        call_key(spec, b"[]", {0: "a", 1: "b"}),
        call_key(spec, b"{}", {0: "b", 1: "a"}),
        call_key(spec, b"{}", {0: "a"}),
        call_key(discover().implementations("frame_at")[0], b"{}", {0: "a", 1: "b"}),
    ]
    assert len({key, *others}) == 5


def test_cached_call_comes_back_and_what_is_none_is_refused() -> None:
    seen = [Seen(video=0, pictures=[(0.0, 1.5)], sound=[], subtitles=True)]
    entry = CachedCall(msgspec.Raw(b"[1,2]"), seen).encode()
    again = CachedCall.decode(entry)
    assert (bytes(again.result), again.seen) == (b"[1,2]", seen)
    for damage in (b"", b"7", entry[:-3], b'[1,[{"video":"x"}]]', b"[" * 5000):
        with pytest.raises(TraceError, match="cannot be read"):
            CachedCall.decode(damage)


def test_cache_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from vprog.execute.result_cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "cache.keep('k', b'x' * 500_000, task='t'); cache.settle(); print(cache.warnings[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "no space is left" in done.stdout
    again = ResultCache(tmp_path)
    assert again.get("k") is None
    again.close()
