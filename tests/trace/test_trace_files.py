"""What lies in a trace's folder is read only if it is what vprog writes there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.view.runs import answered, ended, program, started, write
from vprog.errors import TraceError, TraceNotFoundError
from vprog.trace.store import list_traces, read_trace
from vprog.trace.trace_files import is_file_inside, read_inside


def test_files_are_read_whole_from_their_head_or_their_tail(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_bytes(b"one\ntwo\nthree")
    assert read_inside(tmp_path, "in", "file", most=100) == b"one\ntwo\nthree"
    assert read_inside(tmp_path, "in", "file", most=100, head=True) == b"one\n"
    assert read_inside(tmp_path, "in", "file", most=100, tail=5) == b"three"
    with pytest.raises(TraceError, match="at most 0 MB are read"):
        read_inside(tmp_path, "in", "file", most=5)


@pytest.mark.parametrize("name", ["..", ".", "", "../secret", "a/b", "a\0b"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    assert not is_file_inside(tmp_path / "run", name)
    with pytest.raises(TraceError):
        read_inside(tmp_path / "run", name, most=100)


@pytest.mark.parametrize("what", ["link", "folder", "pipe", "nothing"])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, what: str) -> None:
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "run" / "pictures" / "x.jpg"
    path.parent.mkdir(parents=True)
    if what == "link":
        path.symlink_to(tmp_path / "secret")
    elif what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    expected = TraceNotFoundError if what == "nothing" else TraceError
    with pytest.raises(expected):
        read_inside(tmp_path / "run", "pictures", "x.jpg", most=100)
    assert not is_file_inside(tmp_path / "run", "pictures", "x.jpg")


def test_folder_that_is_a_link_is_followed_where_its_user_named_it_and_not_inside(
    tmp_path: Path,
) -> None:
    recording = write(tmp_path / "run", started(), program("x"), answered(1), ended(),
                      pictures=(0.5,))  # fmt: skip
    (tmp_path / "named").symlink_to(tmp_path / "run")
    assert read_trace(tmp_path / "named").events == recording.events
    (tmp_path / "run" / "pictures").rename(tmp_path / "pictures")
    (tmp_path / "run" / "pictures").symlink_to(tmp_path / "pictures")
    (name,) = [path.name for path in (tmp_path / "pictures").iterdir()]
    assert not recording.has_picture(name)
    with pytest.raises(TraceError, match="no picture"):
        recording.picture(name)


def test_picture_whose_bytes_are_others_is_damaged(tmp_path: Path) -> None:
    recording = write(tmp_path / "run", started(), program("x"), answered(1), ended(),
                      pictures=(0.5,))  # fmt: skip
    (path,) = (tmp_path / "run" / "pictures").iterdir()
    path.write_bytes(b"something else")
    with pytest.raises(TraceError, match="its bytes are others than its name says"):
        recording.picture(path.name)


@pytest.mark.parametrize(
    "first_line",
    [b"[" * 100_000, b'{"schema":' + b"[" * 5000, b"\xff\xfe\x00", b'{"event":"run_started"}', b""],
)
def test_one_bad_trace_never_hides_the_others(tmp_path: Path, first_line: bytes) -> None:
    write(tmp_path / "20260101-000000-n000001", started(), program("x"), answered(1), ended())
    (tmp_path / "20260102-000000-n000002").mkdir()
    (tmp_path / "20260102-000000-n000002" / "trace.jsonl").write_bytes(first_line + b"\n{}\n")
    write(tmp_path / "20260103-000000-n000003", started(), program("x"), answered(1), ended())
    assert [run.status for run in list_traces(tmp_path)] == ["answered", "unreadable", "answered"]


@pytest.mark.parametrize("deep", [3_000, 100_000])
def test_brackets_without_end_are_damage_and_the_rest_is_read(tmp_path: Path, deep: int) -> None:
    write(tmp_path / "run", started(), program("x"), answered(1), ended())
    file = tmp_path / "run" / "trace.jsonl"
    first, *rest = file.read_bytes().splitlines(keepends=True)
    nested = b'{"event":"answered","cell":0,"line":1,"evidence":[],"score":null,"value":'
    file.write_bytes(first + nested + b"[" * deep + b"]" * deep + b"}\n" + b"".join(rest))
    recording = read_trace(tmp_path / "run")
    assert "line 2 cannot be read" in recording.damage
    assert recording.ended is not None
