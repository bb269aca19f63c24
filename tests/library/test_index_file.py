"""The file of an index: words are found whatever stands around them, and it stays in bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import DiskFullError, VprogError
from vprog.library.index_file import IndexedMoment, IndexFile


@pytest.mark.parametrize(
    "question",
    ['Where is the "fox"?', "fox*", "fox NEAR(", "fox) OR (", "text:fox", "-fox ^", "FOX'; DROP"],
)
def test_nothing_in_a_question_is_a_query(tmp_path: Path, question: str) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.set_files({"a.mp4": "1", "b.mp4": "2"})
    index.keep(
        "1", "speech", [IndexedMoment(0.0, 1.0, "a quick fox"), IndexedMoment(1.0, 2.0, "a dog")]
    )
    index.keep("2", "speech", [IndexedMoment(0.0, 1.0, "a cat")])
    hits = index.search(question, 5)
    assert [(hit.path, hit.moment.text) for hit in hits] == [("a.mp4", "a quick fox")]
    assert index.search("?!", 5) == []


def test_what_is_found_goes_with_the_last_file_that_holds_it(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.set_files({"a.mp4": "1", "copy.mp4": "1"})
    index.keep("1", "text", [IndexedMoment(0.0, 1.0, "EXIT")])
    index.set_files({"copy.mp4": "1"})
    assert [hit.path for hit in index.search("exit", 5)] == ["copy.mp4"]
    index.set_files({})
    assert (index.search("exit", 5), index.found()) == ([], set())


def test_an_index_that_is_full_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite", max_mb=1)
    index.set_files({"a.mp4": "1"})
    index.keep("1", "text", [IndexedMoment(0.0, 1.0, "EXIT")])
    with pytest.raises(DiskFullError, match="--max-mb"):
        index.keep("1", "speech", [IndexedMoment(0.0, 1.0, f"word{n} " * 50) for n in range(9000)])
    assert index.found() == {("1", "text")}


def test_a_file_that_is_no_index_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine" * 200)
    with pytest.raises(VprogError, match="cannot be used"):
        IndexFile(path)
    assert path.read_text() == "mine" * 200
