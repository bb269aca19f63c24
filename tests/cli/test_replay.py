"""`vprog trace replay` and `vprog trace diff`: what they print, their exit codes, their ends."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

import vprog as library
from tests.cli.command import finish, start, vprog
from tests.cli.test_run import wait_for_event
from vprog.trace.store import read_trace, run_folders

PROGRAM = """\
frames = [frame_at(video, k / 4) for k in range(4)]
names = [name_colours(frame) for frame in frames]
answer(len(names), evidence=[frames[0]])
"""


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces, settings and a cache of the test's own: other tests count what is computed."""
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "cache"))


@pytest.fixture
def film(clip: Path, home: Path) -> Path:
    return Path(shutil.copy(clip, home / "film.mp4"))


@pytest.fixture
def run(film: Path) -> Path:
    """The folder of a run: eight calls."""
    folder = library.run(film, PROGRAM).trace_path
    assert folder is not None
    library.close()
    return folder


def test_replay_of_a_run_says_that_it_is_equal(run: Path, film: Path) -> None:
    film.unlink()
    ran = vprog("trace", "replay", run.name)
    assert (ran.code, ran.out) == (0, "equal: 8 calls from the trace, 0 run\n")
    assert ran.err.startswith("why: vprog trace show ")
    again = vprog("trace", "replay")  # the last one: the replay itself
    assert (again.code, again.out) == (0, ran.out)
    shown = vprog("trace", "show", "last")
    assert (shown.code, "answer: 4" in shown.out) == (0, True)
    page = run.parent / "page.html"
    assert vprog("trace", "export", "last", "--html", page).code == 0
    assert "data:image/jpeg" in page.read_text()


def test_replay_as_json(run: Path) -> None:
    ran = vprog("trace", "replay", run.name, "--json")
    assert (ran.code, ran.err) == (0, "")
    made = ran.json
    assert (made["equal"], made["changed"], made["replayed"], made["run"]) == (True, False, 8, 0)
    assert (made["differences"], made["notes"]) == ([], [])
    assert made["result"]["answer"] == 4


def test_replay_that_parts_names_the_place_and_exits_with_6(run: Path) -> None:
    file = run / "trace.jsonl"
    recorded = '"line":2,"name":"names","type":"list","length":'
    file.write_text(file.read_text().replace(f"{recorded}4", f"{recorded}5"))
    ran = vprog("trace", "replay", run.name)
    assert ran.code == 6
    first = ran.out.splitlines()[0]
    assert (
        first
        == "the run first differs from the recorded one in step_value names at line 2 (length)"
    )
    assert vprog("trace", "replay", run.name, "--json").json["equal"] is False


def test_replay_with_an_edit_shows_what_came_of_it(run: Path) -> None:
    ran = vprog("trace", "replay", run.name, "--edit", "3=answer(len(names) + 1)")
    assert ran.code == 0
    _, _, *lines = ran.out.splitlines()
    assert lines == [
        "program: line 3",
        "  - answer(len(names), evidence=[frames[0]])",
        "  + answer(len(names) + 1)",
        "step: line 3, answer answer",
        "  - answer: 4",
        "  + answer: 5",
        "result: answer",
        "  - 4",
        "  + 5",
        "result: score",
        *lines[10:12],
        "result: evidence",
        '  - [{"video":0,"start":0.0,"end":0.0,"box":null,"text":null,"supported":true}]',
        "  + []",
        "8 calls from the trace, 0 run",
        "answer: 5",
    ]
    several = vprog("trace", "replay", run.name, "--edit", "1=frames = [frame_at(video, 1.1)]",
                    "--edit", "3=answer(len(names))", "--json").json  # fmt: skip
    assert (several["result"]["answer"], several["replayed"], several["run"]) == (1, 0, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--edit", "3"), 2, "expected LINE=TEXT"),
        (("--edit", "9=x"), 2, "line 9: the program has 3 lines"),
        (("--edit", "1:1=x"), 2, "cell 1: the program has 1 cells, counted from 0"),
        (("--edit", "3=answer("), 6, "rejected (line 3)"),
        (("--module", "detect"), 2, "expected TASK=NAME"),
        (("--module", "detect=NoSuch"), 2, 'task "detect" has no implementation "NoSuch"'),
        (("--video", "nowhere.mp4", "--edit", "1=frames = [frame_at(video, 1.7)]", "--edit",
          "3=answer(len(names))"), 6, "nowhere.mp4"),
        (("--video", "a.mp4", "--video", "b.mp4"), 2, "it has 1 videos, got 2"),
    ],
)  # fmt: skip
def test_replay_errors(run: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    ran = vprog("trace", "replay", run.name, *arguments)
    assert ran.code == code
    assert words in ran.err


def test_replay_of_nothing_and_of_a_cut_off_trace(run: Path) -> None:
    assert vprog("trace", "replay", "nowhere").code == 2
    file = run / "trace.jsonl"
    file.write_text("\n".join(file.read_text().splitlines()[:5]) + "\n")
    ran = vprog("trace", "replay", run.name)
    assert (ran.code, ran.out) == (1, "")
    assert "the run was cut off: there is no result to repeat" in ran.err


def test_replay_where_no_trace_can_be_written_says_so(run: Path, home: Path) -> None:
    """A file stands where the folder would be; who may not write there is told the same."""
    (home / "file").write_text("")
    env = {"VPROG_TRACE_DIR": str(home / "file")}
    ran = finish(start("trace", "replay", run, env=env))
    assert ran.code == 1
    assert "cannot be written" in ran.err
    assert "VPROG_TRACE_DIR" in ran.err
    assert "Traceback" not in ran.err


def test_interrupt_of_a_replay_is_prompt_and_ends_its_trace(film: Path, home: Path) -> None:
    text = "n = 0\nfor k in range(4000):\n    n = n + frame_at(video, k / 4000).time\nanswer(n)"
    folder = library.run(film, text).trace_path
    assert folder is not None
    library.close()
    moved = folder.rename(home / "recorded")
    process = start("trace", "replay", moved)
    made = wait_for_event(home, b'"how":"replayed"')
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    assert ran.code == 130
    assert "Traceback" not in ran.err
    ended = read_trace(made).ended
    assert ended is not None
    assert ended.status == "interrupted"


def test_two_replays_at_once(run: Path) -> None:
    both = [start("trace", "replay", run.name) for _ in range(2)]
    assert [finish(item).out for item in both] == ["equal: 8 calls from the trace, 0 run\n"] * 2
    assert len(run_folders(run.parent)) == 3


def test_diff_of_equal_runs_and_of_others(run: Path, film: Path) -> None:
    other = library.run(film, PROGRAM.replace("range(4)", "range(3)")).trace_path
    same = library.run(film, PROGRAM).trace_path
    assert other is not None
    assert same is not None
    assert vprog("trace", "diff", run.name, same.name).out == "the two runs are equal\n"
    assert vprog("trace", "diff", run.name, same.name, "--json").json == {
        "equal": True, "differences": [],
    }  # fmt: skip
    ran = vprog("trace", "diff", run.name, other.name)
    assert ran.code == 0
    assert ran.out.splitlines()[:5] == [
        f"- {run.name}",
        f"+ {other.name}",
        "program: line 1",
        "  - frames = [frame_at(video, k / 4) for k in range(4)]",
        "  + frames = [frame_at(video, k / 4) for k in range(3)]",
    ]
    found = vprog("trace", "diff", run.name, other.name, "--json").json
    assert [difference["what"] for difference in found["differences"]] == [
        "program",
        "step",
        "result",
    ]


def test_diff_of_what_is_no_trace_is_an_error(run: Path, home: Path) -> None:
    assert vprog("trace", "diff", run.name, "nowhere").code == 2
    (home / "other").mkdir()
    (home / "other" / "trace.jsonl").write_text("no trace\n")
    ran = vprog("trace", "diff", run.name, home / "other")
    assert (ran.code, ran.out) == (1, "")
    assert "not a trace of vprog" in ran.err


def test_diff_output_is_clean_of_control_characters(film: Path) -> None:
    one = library.run(film, "answer('a\\x1b[31mb')").trace_path
    other = library.run(film, "answer('c')").trace_path
    ran = vprog("trace", "diff", one, other)
    assert "\x1b" not in ran.out
    assert os.linesep in ran.out
