"""`vprog batch`: a line for each case, whatever happens to it, to the process, or in between."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import COMMAND, environment, finish, start, vprog
from tests.runs.test_result import KEYS

pytestmark = pytest.mark.usefixtures("home")

QUESTIONS = ("How long is the video?", "How many shots are there?", "Why is it quiet?")


def write_cases(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def said(path: Path) -> dict[str, tuple[Any, ...]]:
    """What each row says, but for clocks and folders."""
    same = ("case", "status", "answer", "choice", "score", "evidence", "program")
    return {key: tuple(str(row[name]) for name in same) for key, row in rows_of(path).items()}


@pytest.fixture
def cases(tmp_path: Path, clip: Path, other_clip: Path) -> Path:
    rows = [
        {"id": f"{name} {number}", "video": str(video), "question": question}
        for name, video in (("a", clip), ("b", other_clip))
        for number, question in enumerate(QUESTIONS)
    ]
    return write_cases(tmp_path / "cases.jsonl", rows)


def test_batch_writes_the_object_of_solve_for_each_case(cases: Path, tmp_path: Path) -> None:
    ran = vprog("batch", cases, "-o", tmp_path / "out.jsonl")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[-1].startswith("vprog: 6 of 6 in ")
    rows = rows_of(tmp_path / "out.jsonl")
    assert {key: row["answer"] for key, row in rows.items()} == {
        "a 0": 2.0, "a 1": 1, "a 2": None, "b 0": 1.0, "b 1": 1, "b 2": None,
    }  # fmt: skip
    assert all(list(row) == ["id", "case", *KEYS] for row in rows.values())


def test_batch_without_a_file_writes_to_stdout(clip: Path) -> None:
    ran = vprog("batch", clip.parent / "clip*.mp4", "--question", QUESTIONS[0])
    assert ran.code == 0
    assert ran.json["answer"] == 2.0


def test_batch_with_a_file_that_is_not_there_fails_its_row_and_exits_with_3(
    tmp_path: Path, clip: Path
) -> None:
    out = tmp_path / "out.jsonl"
    rows = [{"video": str(clip), "question": QUESTIONS[0]}]
    rows += [{"video": "late.mp4", "question": QUESTIONS[0]}]
    cases = write_cases(tmp_path / "cases.jsonl", rows)
    ran = vprog("batch", cases, "-o", out)
    assert ran.code == 3
    assert "2 of 2, 1 failed" in ran.err
    assert rows_of(out)["2"]["error"]["code"] == "unreadable"
    first = out.read_text().splitlines()
    (tmp_path / "late.mp4").write_bytes(clip.read_bytes())
    ran = vprog("batch", cases, "-o", out, "--resume")
    assert ran.code == 0
    assert "1 of 2 rows are there already" in ran.err
    assert rows_of(out)["2"]["answer"] == 2.0
    kept = [line for line in first if json.loads(line)["id"] == "1"]
    assert kept[0] in out.read_text().splitlines()


def test_batch_asks_again_where_the_case_or_the_settings_have_changed(
    cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert vprog("batch", cases, "-o", out).code == 0
    assert "6 of 6 rows are there already" in vprog("batch", cases, "-o", out, "--resume").err
    again = vprog("batch", cases, "-o", out, "--resume", "--preset", "core")
    assert "there already" not in again.err
    text = cases.read_text().replace("How long is the video?", "What is the frame rate?", 1)
    cases.write_text(text)
    again = vprog("batch", cases, "-o", out, "--resume", "--preset", "core")
    assert "5 of 6 rows are there already" in again.err
    assert rows_of(out)["a 0"]["answer"] == 10.0


def test_batch_shards_by_file_and_together_they_are_all(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert vprog("batch", cases, "-o", out, "--shard", "2/2").code == 0
    assert set(rows_of(out)) == {"b 0", "b 1", "b 2"}
    assert vprog("batch", cases, "-o", out, "--shard", "1/2", "--resume").code == 0
    assert set(rows_of(out)) == {"a 0", "a 1", "a 2", "b 0", "b 1", "b 2"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("CASES", "--resume"), "--resume goes on with a file"),
        (("CASES", "-o", "CASES"), "is there already"),
        (("CASES", "-o", "CASES", "--resume"), "line 1: vprog did not write it"),
        (("CASES", "-o", "CASES/out.jsonl"), "cannot be made"),
        (("CASES", "-o", "/dev/null", "--resume"), "is no regular file"),
        (("CASES", "--shard", "3/2"), "--shard 3/2: must be I/N"),
        (("CASES", "--shard", "one"), "--shard one: must be I/N"),
        (("CASES", "--preset", "best"), 'unknown preset "best"'),
        (("nowhere.jsonl",), "cannot be read"),
        (("CASES", "--question", "Why?"), "brings its own questions"),
        (("CASES", "How long is it?"), '"How long is it?": batch takes one CASES, FOLDER or GLOB'),
    ],
)
def test_batch_that_is_put_together_wrongly_exits_with_2_and_asks_nothing(
    cases: Path, arguments: tuple[str, ...], words: str
) -> None:
    text = cases.read_text()
    ran = vprog("batch", *(item.replace("CASES", str(cases)) for item in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert cases.read_text() == text


def _started(cases: Path, out: Path, n_rows: int) -> Any:
    """A process that has written so many rows."""
    process = start("batch", cases, "-o", out, "--jobs", "2")
    while not out.exists() or out.read_text().count("\n") < n_rows:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


@pytest.fixture
def many(tmp_path: Path, clip: Path) -> Path:
    rows = [
        {"id": f"{number}", "video": str(clip), "question": f"What is there at 0:0{number % 2}?"}
        for number in range(60)
    ]
    return write_cases(tmp_path / "many.jsonl", rows)


def test_batch_killed_and_resumed_has_every_row_once_and_equal(many: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    code = vprog("batch", many, "-o", whole).code
    for n_rows in (3, 17):
        if out.exists():
            process = start("batch", many, "-o", out, "--jobs", "2", "--resume")
            time.sleep(0.8)
        else:
            process = _started(many, out, n_rows)
        process.kill()
        process.communicate()
    with out.open("a") as file:
        file.write('{"id": "59", "case": "0')  # as a kill amid a write leaves it
    ran = vprog("batch", many, "-o", out, "--resume")
    assert ran.code == code
    assert said(out) == said(whole)


def test_batch_interrupted_keeps_its_rows_and_exits_with_130(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    process = _started(many, out, 2)
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    assert ran.code == 130
    assert "go on with --resume" in ran.err
    assert 2 <= len(rows_of(out)) <= 60


@pytest.mark.parametrize(
    "text",
    [
        b"my notes\n",
        b"my notes",
        b"\xff\xfe",
        b'{"id": ["k"], "case": "0", "status": "answered"}\n',
        b'{"id": "k", "case": "0", "status": ["answered"]}\n',
        b'{"id": "k", "case": "0", "status": "lost"}\n',
        b"[" * 100_000 + b"\n",
    ],
    ids=["line", "half line", "bytes", "id", "status", "unknown status", "deep"],
)
def test_batch_leaves_a_file_alone_that_it_did_not_write(
    cases: Path, tmp_path: Path, text: bytes
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(text)
    ran = vprog("batch", cases, "-o", out, "--resume")
    assert ran.code == 2
    assert "line 1: vprog did not write it" in ran.err
    assert out.read_bytes() == text


def test_batch_writes_to_where_a_link_leads(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to("out.jsonl")
    asked = ("batch", clip.parent / "clip*.mp4", "--question", QUESTIONS[0])
    assert vprog(*asked, "-o", tmp_path / "link.jsonl").code == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(rows_of(tmp_path / "out.jsonl")) == 1


def test_batch_has_its_file_for_itself(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    process = _started(many, out, 1)
    process.send_signal(signal.SIGSTOP)
    ran = finish(start("batch", many, "-o", out, "--resume"))
    process.kill()
    process.communicate()
    assert ran.code == 2
    assert "another vprog writes to it" in ran.err


def test_batch_with_closed_streams_does_its_work(clip: Path, tmp_path: Path) -> None:
    asked = ("batch", clip.parent / "clip*.mp4", "--question", QUESTIONS[0])
    closed = subprocess.run(
        ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *COMMAND, *map(str, asked), "-o", "out.jsonl"],
        cwd=tmp_path,
        env=environment(),
        timeout=60,
    )
    assert closed.returncode == 0
    assert [row["answer"] for row in rows_of(tmp_path / "out.jsonl").values()] == [2.0]
