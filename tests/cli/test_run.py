"""`vprog run`: programs of one's own, from a file or stdin; interrupts, kills, pipes, disks."""

from __future__ import annotations

import os
import pty
import resource
import select
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Ran, finish, is_running, start, vprog, workers_of
from tests.cli.test_solve import check_json
from tests.drawing import repeat_video
from vprog.trace.store import list_traces, read_trace, run_folders

pytestmark = pytest.mark.usefixtures("home")

LOOP = "x = 0\nwhile True:\n    x = x + 1\nanswer(x)\n"
CALLS = """\
n = 0
for k in range(4000):
    n = n + len(name_colours(frame_at(video, (k % 20) / 10 + k / 90000)))
answer(n)
"""


Write = Callable[[str], Path]


@pytest.fixture
def program(home: Path) -> Write:
    def write(text: str) -> Path:
        path = home / "program.py"
        path.write_text(text)
        return path

    return write


def test_run_a_program_from_a_file_and_from_stdin(clip: Path, program: Write) -> None:
    assert vprog("run", clip, program("answer(video.n_frames)")).out == "20\n"
    assert vprog("run", clip, "-", stdin="answer(video.width)").out == "160\n"


def test_run_question_and_choices_are_names_of_the_program(clip: Path, program: Write) -> None:
    ran = vprog(
        "run", clip, program("print(question)\nanswer(choices[1])"),
        "--question", "Which?", "--choice", "a", "--choice", "b", "--json",
    )  # fmt: skip
    check_json(ran, "answered", 0)
    assert (ran.json["choice"], ran.json["path"], ran.json["error"]) == (1, "program", None)
    assert vprog("run", clip, program("answer(len(question))")).out == "0\n"


@pytest.mark.parametrize(
    ("text", "options", "status", "code"),
    [
        ("answer(1)", (), "answered", 0),
        ("answer(", (), "rejected", 6),
        ("import os\nanswer(1)", (), "rejected", 6),
        ("answer(video.titel)", (), "rejected", 6),
        ("x = [1]\nanswer(x[4])", (), "failed", 6),
        ("abstain('dark')", (), "abstained", 7),
        ("answer(len(frame_at(video, 0.1)) + len(frame_at(video, 0.2)))", ("--max-calls", "1"),
         "limit", 8),
    ],
)  # fmt: skip
def test_run_exits_as_the_table_says(
    clip: Path,
    program,
    text: str,
    options: tuple[str, ...],
    status: str,
    code: int,
) -> None:
    path = program(text)
    check_json(vprog("run", clip, path, *options, "--json"), status, code)
    plain = vprog("run", clip, path, *options)
    assert plain.code == code
    assert bool(plain.out) == (status == "answered")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a video and a program are needed"),
        (("CLIP",), "a video and a program are needed"),
        (("CLIP", "nowhere.py"), "nowhere.py"),
        (("CLIP", "."), "cannot be read"),
        (("CLIP", "CLIP"), "not UTF-8"),
        (("CLIP", "big.py"), "longer than"),
    ],
)
def test_run_without_a_program_exits_with_2(
    clip: Path, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    (home / "big.py").write_text("#" * 300_000)
    given = [str(clip) if argument == "CLIP" else argument for argument in arguments]
    ran = vprog("run", *given)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    check_json(vprog("run", *given, "--json"), "unreadable", 2)


def test_run_an_empty_program_is_rejected(clip: Path, program: Write) -> None:
    check_json(vprog("run", clip, program(""), "--json"), "rejected", 6)


def wait_for_event(home: Path, words: bytes) -> Path:
    """The folder of a run whose trace holds these words."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for file in (home / "traces").glob("*/trace.jsonl"):
            if words in file.read_bytes():
                return file.parent
        select.select([], [], [], 0.02)
    raise AssertionError(f"no trace with {words!r} came")


@pytest.mark.parametrize(
    ("text", "words"),
    [(LOOP, b"cell_started"), (CALLS, b'"how":"executed"')],
    ids=["loop", "calls"],
)
def test_run_interrupt_is_prompt_and_leaves_trace_cache_and_no_worker(
    clip: Path,
    home: Path,
    program,
    text: str,
    words: bytes,
) -> None:
    process = start("run", clip, program(text), "--json", env={"VPROG_CACHE_DIR": str(home / "c")})
    folder = wait_for_event(home, words)
    workers = workers_of(process.pid)
    assert workers, finish(process)
    process.send_signal(signal.SIGINT)
    ran = finish(process)
    check_json(ran, "interrupted", 130)  # not "limit", as which it would end by itself
    assert ran.json["trace"] == str(folder)
    assert not any(is_running(worker) for worker in workers)
    recording = read_trace(folder)
    assert (recording.damage, recording.ended.status) == ("", "interrupted")  # type: ignore[union-attr]
    check_cache(home / "c")


def test_run_interrupt_amid_a_long_decode_leaves_no_decoder(
    clip: Path, home: Path, program: Write
) -> None:
    film = repeat_video(clip, home / "long.mp4", 1000)
    decode = program("probe(video)\nanswer(len(find_shots(video)))")
    process = start("run", film, decode, "--json")
    wait_for_event(home, b'"how":"executed"')
    children = workers_of(process.pid)
    decoders = {pid for child in children for pid in workers_of(child)}
    assert decoders, finish(process)
    process.send_signal(signal.SIGINT)
    check_json(finish(process), "interrupted", 130)
    until = time.monotonic() + 10  # the kernel ends what the template leaves
    while any(map(is_running, children | decoders)) and time.monotonic() < until:
        select.select([], [], [], 0.02)
    assert not any(is_running(pid) for pid in children | decoders)


def check_cache(folder: Path) -> None:
    database = sqlite3.connect(folder / "results.sqlite")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_run_kill_leaves_a_readable_trace_a_whole_cache_and_no_worker(
    clip: Path,
    home: Path,
    program,
) -> None:
    process = start("run", clip, program(CALLS), env={"VPROG_CACHE_DIR": str(home / "c")})
    folder = wait_for_event(home, b'"how":"executed"')
    workers = workers_of(process.pid)
    assert workers, finish(process)
    process.kill()
    finish(process)
    until = time.monotonic() + 10
    while any(is_running(worker) for worker in workers) and time.monotonic() < until:
        select.select([], [], [], 0.02)
    assert not any(is_running(worker) for worker in workers)
    (listed,) = list_traces(home / "traces")
    assert (listed.folder, listed.status) == (folder, "cut off")
    assert "The run was cut off" in vprog("trace", "show", "last").out
    check_cache(home / "c")


def test_run_two_processes_share_one_cache(clip: Path, home: Path, program: Write) -> None:
    text = CALLS.replace("4000", "12")
    path, env = program(text), {"VPROG_CACHE_DIR": str(home / "c")}
    both = [start("run", clip, path, "--json", env=env) for _ in range(2)]
    results = [finish(item).json for item in both]
    assert results[0]["answer"] == results[1]["answer"]
    third = finish(start("run", clip, path, "--json", env=env)).json
    assert third["answer"] == results[0]["answer"]
    assert third["cost"]["module_calls"]["executed"] == 0
    assert third["cost"]["frames_decoded"] == 0


def limited(n_bytes: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def test_run_full_disk_for_the_trace_is_an_error_that_says_so(
    clip: Path,
    home: Path,
    program,
) -> None:
    text = "for k in range(400):\n    x = frame_at(video, k / 200)\nanswer(1)"
    process = start("run", clip, program(text), "--json", preexec_fn=limited(60_000),
                    env={"VPROG_CACHE_DIR": str(home / "c")})  # fmt: skip
    ran = finish(process)
    assert ran.code == 1
    assert ran.json["error"]["code"] == "disk_full"
    assert "no space is left" in ran.json["error"]["message"]
    (folder,) = run_folders(home / "traces")
    assert read_trace(folder).damage == ""


def test_run_output_into_a_pipe_that_closes_is_no_error(clip: Path, program: Write) -> None:
    vprog("run", clip, program("\n".join(f"v{k} = {k}" for k in range(900)) + "\nanswer(1)"))
    process = start("trace", "show", "last")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == ""


def on_terminal(*arguments: object, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command with a terminal as its stderr; exit code and what the terminal was sent."""
    control, terminal = pty.openpty()
    process = start(*arguments, stderr=terminal, stdout=subprocess.DEVNULL, env=env)
    os.close(terminal)
    seen = b""
    while True:
        try:
            data = os.read(control, 65536)
        except OSError:  # the other end is closed: the process is over
            break
        if not data:
            break
        seen += data
    os.close(control)
    return process.wait(30), seen.decode(errors="replace")


def test_run_shows_progress_on_a_terminal_and_none_in_a_pipe(
    clip: Path, home: Path, program: Write
) -> None:
    text = CALLS.replace("4000", "300")
    env = {"VPROG_CACHE_DIR": str(home / "c"), "TERM": "xterm-256color"}
    code, seen = on_terminal("run", clip, program(text), env=env)
    assert code == 0
    assert "line 3: " in seen
    assert "calls" in seen
    ran = finish(start("run", clip, program(text), env=env))
    assert "line 3: " not in ran.err
    assert "\x1b" not in ran.err
    assert len(ran.err.splitlines()) == 4


def test_run_no_colour_where_none_is_wanted(clip: Path, home: Path, program: Write) -> None:
    env = {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "40"}
    code, seen = on_terminal("run", clip, program("answer(1)"), env=env)
    assert code == 0
    assert "\x1b[3" not in seen
    dumb = on_terminal("run", clip, program("answer(1)"), env={"TERM": "dumb"})
    assert "\x1b" not in dumb[1]


def test_ran_reads_one_json_value() -> None:
    assert Ran(0, '{"a": 1}\n', "").json == {"a": 1}
