"""`vprog trace`: list, show and export; any width, hostile text, damaged files."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog as library
from tests.cli.command import finish, start, vprog
from vprog.trace.store import read_trace

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def run(clip: Path, home: Path) -> Path:
    """The folder of a run."""
    text = (
        "frames = [frame_at(video, k / 10) for k in range(4)]\n"
        "print('some text')\nanswer(len(frames))"
    )
    folder = library.run(clip, text, question="How many [bold]frames[/bold]?").trace_path
    assert folder is not None
    return folder


def test_trace_list_is_newest_first(run: Path, clip: Path) -> None:
    newer = library.run(clip, "abstain('no')").trace_path
    assert newer is not None
    lines = vprog("trace", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [newer.name, run.name]
    assert [line.split()[1] for line in lines] == ["abstained", "answered"]
    listed = vprog("trace", "list", "--json", "--most", "1").json
    assert [entry["trace"] for entry in listed] == [str(newer)]
    assert "1 more" in vprog("trace", "list", "--most", "1").err


def test_trace_list_of_nothing(home: Path) -> None:
    ran = vprog("trace", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "no traces in" in ran.err
    assert vprog("trace", "list", "--json").json == []


def test_trace_show_has_lines_values_calls_and_answer(run: Path) -> None:
    out = vprog("trace", "show").out
    assert "How many [bold]frames[/bold]?" in out  # no markup of anybody's is read
    assert "  1  frames = [frame_at" in out
    assert "4 calls (" in out
    assert "frames = [Frame(0.0 s), Frame(0.1 s), Frame(0.2 s), …]" in out
    assert "some text" in out
    assert "answer: 4" in out
    assert out.count("frame_at/FrameAtIndex") == 1
    assert vprog("trace", "show", "--calls").out.count("frame_at/FrameAtIndex") == 4


def test_trace_show_json_is_one_object(run: Path) -> None:
    shown = vprog("trace", "show", run.name, "--json").json
    assert shown["result"]["answer"] == 4
    assert [step["kind"] for step in shown["steps"]].count("call") == 4


@pytest.mark.parametrize("name", ["last", "path", "name", "start", "end"])
def test_trace_is_found_by(run: Path, name: str) -> None:
    names = {"last": "last", "path": run, "name": run.name, "start": run.name[:17],
             "end": run.name[-5:]}  # fmt: skip
    assert "answer: 4" in vprog("trace", "show", names[name]).out


@pytest.mark.parametrize("name", ["nothing", "", "a\0b", "x" * 5000])
def test_trace_that_is_not_there_exits_with_2(run: Path, name: str) -> None:
    ran = vprog("trace", "show", name)
    assert (ran.code, ran.out) == (2, "")
    assert "error: " in ran.err


@pytest.mark.parametrize("columns", ["20", "40", "200"])
def test_trace_show_at_any_width(run: Path, columns: str) -> None:
    ran = finish(start("trace", "show", "last", env={"COLUMNS": columns, "NO_COLOR": "1"}))
    assert ran.code == 0
    assert "answer: 4" in ran.out
    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: data.index(b'"cell_started"') + 9], "cut off"),
        (lambda data: data[:-1], "answer: 4"),
        (lambda data: data + b"\xff\xfe garbage", "damaged"),
        (lambda data: data.replace(b'"step_value"', b'"step_from_later"'), "damaged"),
        (lambda data: data.replace(b'{"$type":"Frame"', b'{"$type":"Fromage"'), "answer: 4"),
        (lambda data: data.replace(b"\n", b"\n\n\n"), "answer: 4"),
    ],
)
def test_trace_show_of_a_damaged_trace_shows_what_there_is(run: Path, damage, words: str) -> None:  # type: ignore[no-untyped-def]
    file = run / "trace.jsonl"
    file.write_bytes(damage(file.read_bytes()))
    ran = vprog("trace", "show", "last")
    assert ran.code == 0
    assert words in ran.out
    page = run / "page.html"
    assert vprog("trace", "export", "last", "--html", page).code == 0
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"{}\n", b"\0" * 100, b'{"event":"printed","cell":0,"text":""}']
)
def test_trace_show_of_what_is_no_trace_is_an_error(run: Path, data: bytes) -> None:
    (run / "trace.jsonl").write_bytes(data)
    ran = vprog("trace", "show", run)
    assert ran.code == 1
    assert "not a trace" in ran.err
    assert vprog("trace", "list").code == 0


def test_trace_export_writes_one_page(run: Path, home: Path) -> None:
    ran = vprog("trace", "export", "last", "--html", home / "page.html")
    assert (ran.code, ran.out) == (0, "")
    assert "data:image/jpeg" in (home / "page.html").read_text()
    assert vprog("trace", "export", "last", "--html", home / "no" / "page.html").code == 2
    for path in (run / "pictures").iterdir():
        path.unlink()
    assert vprog("trace", "export", "last", "--html", home / "page.html").code == 0
    assert "<use" not in (home / "page.html").read_text()


def test_trace_names_sort_by_time(clip: Path) -> None:
    folders = [library.run(clip, f"answer({k})").trace_path for k in range(5)]
    assert sorted(folders) == folders  # type: ignore[type-var]
    last = read_trace(folders[-1])  # type: ignore[arg-type]
    assert last.folder == library.Trace.load("last").folder
