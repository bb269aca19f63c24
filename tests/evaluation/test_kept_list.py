"""Lists in a file: read as lists are, from several threads, without holding their items."""

from __future__ import annotations

import gc
import pathlib
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation import kept_list
from vprog.evaluation.case_list import CaseDigests, list_cases
from vprog.evaluation.kept_list import KeptList, chosen


def test_a_kept_list_is_read_as_a_list_is() -> None:
    words = KeptList(["a", "bb", "a"])
    assert (len(words), words[1], words[-1], list(words)) == (3, "bb", "a", ["a", "bb", "a"])
    assert list(words[1:]) == ["bb", "a"]
    assert list(chosen(words, lambda word: word == "a")) == ["a", "a"]
    with pytest.raises(IndexError):
        words[3]


def test_a_list_that_lies_in_a_file_serves_several_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_list, "_IN_MEMORY", 10)
    texts = [str(number) * (number % 50 + 1) for number in range(500)]
    kept = KeptList(texts)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(kept.__getitem__, range(500))) == texts


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept_list, "_IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="list of cases cannot be kept there"):
        KeptList(["a" * 10, "b"])


def held_by_cases(n: int, folder: Path) -> int:
    """The bytes that n cases and their digests take once they are read."""
    path = folder / f"{n}.jsonl"
    line = '{"id": "%d", "video": "%d.mp4", "question": "What is said in part %d of it?"}\n'
    path.write_text("".join(line % (i, i % 100, i) for i in range(n)))
    gc.collect()
    tracemalloc.start()
    cases = list_cases(str(path))
    digests = CaseDigests(cases, {})
    gc.collect()
    # Python's table of interned strings, in which pathlib puts parts of names, grows by jumps.
    own = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, pathlib.__file__)])
    tracemalloc.stop()
    held = sum(statistic.size for statistic in own.statistics("filename"))
    assert digests["7"] == cases[7].digest({})
    assert str(n) not in digests
    return held


@pytest.mark.slow
def test_cases_take_far_less_memory_than_they_would_as_objects(tmp_path: Path) -> None:
    held_by_cases(10, tmp_path)  # what is imported and cached at the first time
    few, many = held_by_cases(10_000, tmp_path), held_by_cases(30_000, tmp_path)
    assert many - few < 200 * 20_000  # as objects they are 600 bytes and more each
