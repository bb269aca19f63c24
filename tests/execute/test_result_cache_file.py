"""What of a cache's file is believed, mended, or set aside."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from vprog.errors import VprogError
from vprog.execute.result_cache import ResultCache
from vprog.execute.result_cache_file import CacheFile


def opened(folder: Path) -> CacheFile:
    return CacheFile.below(folder, max_mb=10, note=pytest.fail)


def changed(folder: Path, change: str) -> None:
    """A cache with one result, and its database changed by hand."""
    cache = ResultCache(folder)
    cache.keep("k", b"v", task="t")
    cache.close()
    with contextlib.closing(sqlite3.connect(folder / "results.sqlite")) as database:
        database.executescript(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE results SET value = 'text'",
        "UPDATE results SET value = 7",
        "UPDATE results SET value = NULL",
        "UPDATE results SET digest = 'text'",
        "UPDATE results SET digest = NULL",
        "UPDATE results SET digest = 1.5",
    ],
)
def test_cache_a_value_of_another_type_is_computed_again(tmp_path: Path, change: str) -> None:
    changed(tmp_path, change)
    cache = ResultCache(tmp_path)
    assert cache.get("k") is None
    assert "damaged result" in cache.warnings[0]
    cache.close()


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE results",
        "ALTER TABLE results ADD COLUMN more",
        "CREATE TRIGGER trap BEFORE INSERT ON results BEGIN SELECT RAISE(ABORT, 'no'); END",
        "DROP TABLE results; CREATE VIEW results AS SELECT 'k' AS key, 1 AS value, 2 AS digest",
    ],
)
def test_cache_with_other_tables_is_set_aside_and_begun_anew(tmp_path: Path, change: str) -> None:
    changed(tmp_path, change)
    cache = ResultCache(tmp_path)
    assert cache.trouble is None
    cache.keep("l", b"w", task="t")
    cache.close()
    again = ResultCache(tmp_path)
    assert again.get("l") == b"w"
    assert again.warnings == []
    again.close()


def test_tasks_that_are_no_text_are_counted(tmp_path: Path) -> None:
    changed(tmp_path, "UPDATE results SET task = x'ff00'")
    file = opened(tmp_path)
    assert [n_results for _, n_results, _ in file.sizes()] == [1]
    file.close()


def test_clear_removes_everything_and_counts_it(tmp_path: Path) -> None:
    changed(tmp_path, "")
    file = opened(tmp_path)
    assert file.clear() == 1
    assert file.sizes() == []
    file.close()


def test_cache_prunes_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path, max_mb=1)
    for n in range(30):
        cache.keep(f"k{n:02}", b"x" * 50_000, task="t")
        cache.settle()
    cache.close()
    again = ResultCache(tmp_path, max_mb=1)
    assert again.get("k00") is None
    assert again.get("k29") is not None
    again.close()
    file = opened(tmp_path)
    assert sum(size for _, _, size in file.sizes()) <= 1_000_000
    file.close()


def test_cache_merge_leaves_damaged_results_and_keeps_its_own(tmp_path: Path) -> None:
    for folder, values in (("a", (b"1", b"2", b"3")), ("b", (b"1", b"other", b"3", b"4"))):
        cache = ResultCache(tmp_path / folder)
        for number, value in enumerate(values):
            cache.keep(f"k{number}", value, task="look")
        cache.close()
    other = tmp_path / "b" / "results.sqlite"
    with contextlib.closing(sqlite3.connect(other)) as database:
        database.execute("UPDATE results SET value = x'00' WHERE key = 'k2'")
        database.commit()
    told: list[str] = []
    file = CacheFile.below(tmp_path / "a", max_mb=10, note=told.append)
    try:
        assert file.merge(other) == (1, 1)
        assert [file.read(f"k{number}") for number in range(4)] == [b"1", b"2", b"3", b"4"]
    finally:
        file.close()
    assert len(told) == 2
    assert "1 damaged results were left out" in told[0]
    assert "1 results of look differ" in told[1]


def test_cache_merge_refuses_the_file_of_a_newer_vprog(tmp_path: Path) -> None:
    changed(tmp_path / "new", "PRAGMA user_version = 9")
    file = opened(tmp_path / "here")
    try:
        with pytest.raises(VprogError, match="a newer vprog wrote it"):
            file.merge(tmp_path / "new" / "results.sqlite")
        assert file.sizes() == []
    finally:
        file.close()
