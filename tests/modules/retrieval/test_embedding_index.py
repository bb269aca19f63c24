"""The index on disk: what is written stays, what is damaged is made again, and it is bounded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vprog_modules.retrieval.embedding_index import FOLDER, EmbeddingIndex

ROWS = np.arange(6)


def vectors(seed: int = 0, n: int = 6, columns: int = 5) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(n, columns)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def opened(folder: Path | None, key: str = "a", n_rows: int = 6, **more: int) -> EmbeddingIndex:
    return EmbeddingIndex([key], n_rows, 5, folder=folder, **more)


@pytest.mark.parametrize("is_on_disk", [True, False])
def test_index_keeps_what_was_written_and_knows_what_is_missing(
    tmp_path: Path, is_on_disk: bool
) -> None:
    index = opened(tmp_path if is_on_disk else None)
    assert index.missing(ROWS).tolist() == [0, 1, 2, 3, 4, 5]
    index.write(ROWS[2:4], vectors()[2:4])
    assert index.missing(ROWS).tolist() == [0, 1, 4, 5]
    assert index.missing(ROWS[2:5]).tolist() == [4]
    assert index.read(ROWS[2:4]) == pytest.approx(vectors()[2:4], abs=1e-3)
    assert index.trouble == ""


def test_index_of_one_key_is_shared_and_of_another_is_not(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    first.write(ROWS, vectors())
    assert not len(second.missing(ROWS))  # also in a process that had it open before
    assert not len(opened(tmp_path).missing(ROWS))
    assert len(opened(tmp_path, "b").missing(ROWS)) == 6


def test_index_scores_are_dot_products(tmp_path: Path) -> None:
    index, query = opened(tmp_path), vectors(seed=1)[0]
    index.write(ROWS, vectors())
    assert index.scores(ROWS[1:4], query) == pytest.approx(vectors()[1:4] @ query, abs=2e-3)
    assert index.scores(ROWS[:0], query).tolist() == []


def test_index_makes_damaged_vectors_again(tmp_path: Path) -> None:
    opened(tmp_path).write(ROWS, vectors())
    (path,) = (tmp_path / FOLDER).iterdir()
    with path.open("r+b") as file:
        file.seek(-10, os.SEEK_END)  # the last vector: five halves
        file.write(b"\xff" * 10)
    assert opened(tmp_path).missing(ROWS).tolist() == [5]


def test_index_cut_short_or_of_something_else_is_begun_anew(tmp_path: Path) -> None:
    opened(tmp_path).write(ROWS, vectors())
    (path,) = (tmp_path / FOLDER).iterdir()
    for damage in (path.read_bytes()[:-1], b"not an index", b""):
        path.write_bytes(damage)
        index = opened(tmp_path)
        assert len(index.missing(ROWS)) == 6
        index.write(ROWS, vectors())
        assert not len(opened(tmp_path).missing(ROWS))


def test_index_folder_is_bounded_and_loses_the_oldest_use_first(tmp_path: Path) -> None:
    size = 100_000  # rows; 1.1 MB each
    for age, key in enumerate("abc"):
        before = set((tmp_path / FOLDER).glob("*"))
        opened(tmp_path, key, size, max_mb=4)
        (made,) = set((tmp_path / FOLDER).iterdir()) - before
        os.utime(made, ns=(age, age))
    assert len(list((tmp_path / FOLDER).iterdir())) == 3
    opened(tmp_path, "a", size, max_mb=4)  # used again: "b" is the oldest now
    opened(tmp_path, "d", size, max_mb=4)
    assert len(list((tmp_path / FOLDER).iterdir())) == 3
    assert {key for key in "abcd" if is_there(tmp_path, key, size)} == {"a", "c", "d"}


def is_there(folder: Path, key: str, n_rows: int) -> bool:
    before = {file.name for file in (folder / FOLDER).iterdir()}
    EmbeddingIndex([key], n_rows, 5, folder=folder)
    return {file.name for file in (folder / FOLDER).iterdir()} == before


def test_index_that_cannot_be_kept_says_so_and_works_in_memory(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where a folder should be")
    index = opened(tmp_path)
    assert "kept in memory only" in index.trouble
    index.write(ROWS, vectors())
    assert not len(index.missing(ROWS))


def test_index_on_a_full_disk_goes_on_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path)
    index.write(ROWS[:2], vectors()[:2])
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    index.write(ROWS[2:], vectors()[2:])
    assert "No space left" in index.trouble
    assert not len(index.missing(ROWS))
    assert index.read(ROWS) == pytest.approx(vectors(), abs=1e-3)
