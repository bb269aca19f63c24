"""Lists in a file: read as lists are, from several threads, without holding their items."""

from __future__ import annotations

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


def test_cases_take_tens_of_bytes_each_once_they_are_read(tmp_path: Path) -> None:
    n = 20_000
    line = '{"id": "%d", "video": "%d.mp4", "question": "What is said in part %d of it?"}\n'
    (tmp_path / "c.jsonl").write_text("".join(line % (i, i % 100, i) for i in range(n)))
    tracemalloc.start()
    cases = list_cases(str(tmp_path / "c.jsonl"))
    digests = CaseDigests(cases, {})
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert digests["7"] == cases[7].digest({})
    assert "20000" not in digests
    assert held < 40 * n + 500_000  # as objects they are 600 bytes and more each
