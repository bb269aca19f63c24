"""`vprog solve`: what stands on stdout and stderr, and the exit code, for every outcome."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.command import Ran, finish, start, vprog
from tests.runs.test_result import KEYS
from vprog.trace.store import run_folders

pytestmark = pytest.mark.usefixtures("home")


def script(folder: Path, *replies: str) -> str:
    (folder / "replies.txt").write_text("\n---\n".join(replies))
    return f"scripted:{folder / 'replies.txt'}"


def check_json(ran: Ran, status: str, code: int) -> None:
    assert ran.out.count("\n") == 1
    assert list(ran.json) == KEYS
    assert (ran.json["status"], ran.code) == (status, code)
    assert (ran.json["error"] is None) == (status == "answered")
    assert (ran.json["answer"] is None) == (status != "answered")


def test_solve_answer_alone_stands_on_stdout(clip: Path) -> None:
    ran = vprog("solve", clip, "How long is the video?")
    assert (ran.code, ran.out) == (0, "2\n")
    first, *_, last = ran.err.splitlines()
    assert first.startswith("vprog: writer: rules; no vision model; ")
    assert "isolation: gate, vm, process" in first
    assert last.startswith("why: vprog trace show ")


def test_solve_json_is_one_object_and_stderr_is_silent(clip: Path) -> None:
    ran = vprog("solve", clip, "How long is the video?", "--json")
    check_json(ran, "answered", 0)
    assert ran.json["answer"] == 2.0
    assert Path(ran.json["trace"]).is_dir()
    assert ran.json["path"] == "rules"
    assert ran.json["cost"]["module_calls"]["issued"] >= 0
    assert ran.err == ""


def test_solve_abstains_with_7(clip: Path) -> None:
    ran = vprog("solve", clip, "Why is everybody so quiet about it?")
    assert (ran.code, ran.out) == (7, "")
    assert "abstained: " in ran.err
    check_json(vprog("solve", clip, "Why is everybody so quiet?", "--json"), "abstained", 7)


def test_solve_choice_is_told_by_text_and_index(clip: Path) -> None:
    ran = vprog(
        "solve", clip, "How long is the video?", "--choice", "9 s", "--choice", "2 s", "--json"
    )
    assert (ran.json["answer"], ran.json["choice"]) == ("2 s", 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "video and question missing"),
        (("CLIP",), "question missing: "),
        (("CLIP", "CLIP"), "question missing: "),
        (("How long is the video?",), "video missing: "),
        (("nowhere.mp4", "How long?"), 'no file at "nowhere.mp4"'),
        ((".", "How long?"), "is a folder"),
        (("notes.txt", "How long?"), "notes.txt"),
        (("CLIP", ""), "the question is empty"),
        (("CLIP", "How long?", "--choice", "one"), "1 choices"),
        (("CLIP", "How long?", "--preset", "best"), 'unknown preset "best"'),
        (("CLIP", "How long?", "--llm", "magic"), "magic"),
        (("CLIP", "How long?", "--subs", "nowhere.srt"), "nowhere.srt"),
        (("CLIP", "How long?", "--reader", "vlc"), 'unknown reader "vlc"'),
    ],
)
def test_solve_what_is_put_together_wrongly_exits_with_2(
    clip: Path, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    (home / "notes.txt").write_text("no video")
    given = [str(clip) if argument == "CLIP" else argument for argument in arguments]
    ran = vprog("solve", *given)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "error: " in ran.err
    check_json(vprog("solve", *given, "--json"), "unreadable", 2)


def test_solve_unknown_option_is_a_usage_error(clip: Path) -> None:
    ran = finish(start("solve", clip, "How long?", "--colour"))
    assert (ran.code, ran.out) == (2, "")
    assert "No such option" in ran.err


@pytest.mark.parametrize(
    ("replies", "options", "status", "code"),
    [
        (["```python\nanswer(1)\n```"], (), "answered", 0),
        (["```python\nanswer(\n```"] * 5, (), "rejected", 6),
        (["```python\nx = [1]\nanswer(x[5])\n```"] * 5, (), "failed", 6),
        (["```python\nabstain('no')\n```"], (), "abstained", 7),
        (["no program"], (), "llm_error", 5),
        (["```python\nanswer(\n```"] * 5, ("--max-llm-calls", "1"), "limit", 8),
        (["```python\nanswer(1)\n```"], ("--max-seconds", "0"), "limit", 8),
    ],
)
def test_solve_with_a_model_exits_as_the_table_says(
    clip: Path, home: Path, replies: list[str], options: tuple[str, ...], status: str, code: int
) -> None:
    given = ("solve", clip, "How many?", "--llm", script(home, *replies), *options)
    check_json(vprog(*given, "--json"), status, code)
    plain = vprog(*given)
    assert plain.code == code
    assert bool(plain.out) == (status == "answered")


def test_solve_something_asked_for_and_not_installed_exits_with_4(clip: Path, home: Path) -> None:
    (home / "vprog.toml").write_text('[modules]\nprobe = "ProbeBetter"\n')
    unknown = vprog("solve", clip, "How long is the video?")
    assert unknown.code == 2
    assert "ProbeBetter" in unknown.err


def test_solve_several_videos(clip: Path, other_clip: Path) -> None:
    assert vprog("solve", clip, other_clip, "How long is the second video?").out == "1\n"


def test_solve_traces_go_where_they_were_told_to(clip: Path, home: Path) -> None:
    vprog("solve", clip, "How long is the video?", "-o", home / "here")
    assert len(run_folders(home / "here")) == 1
    assert not (home / "traces").exists()


def test_solve_unwritable_traces_are_an_error_that_says_so(clip: Path, home: Path) -> None:
    (home / "file").write_text("")
    ran = vprog("solve", clip, "How long is the video?", "-o", home / "file" / "x")
    assert ran.code == 1
    assert "VPROG_TRACE_DIR" in ran.err
    check_json(
        vprog("solve", clip, "How long is the video?", "-o", home / "file" / "x", "--json"),
        "internal", 1,
    )  # fmt: skip


def test_solve_names_that_could_fool_a_terminal_are_shown_harmless(clip: Path, home: Path) -> None:
    import shutil

    hostile = home / "a\x1b[31m\u202e<b>\nclip.mp4"
    shutil.copy(clip, hostile)
    ran = vprog("solve", hostile, "Why \x1b[2J now?\u202e")
    shown = vprog("trace", "show", "last")
    listed = vprog("trace", "list")
    for text in (ran.out, ran.err, shown.out, shown.err, listed.out):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_solve_quiet_has_nothing_on_stderr_but_errors(clip: Path) -> None:
    assert vprog("solve", "-q", clip, "How long is the video?") == Ran(0, "2\n", "")
    ran = vprog("solve", "--quiet", clip, "Why is everybody so quiet about it?")
    assert (ran.code, ran.out) == (7, "")
    assert ran.err.startswith("abstained: ")
    assert "why: " not in ran.err


def test_solve_verbose_tells_every_call(clip: Path) -> None:
    ran = vprog("solve", "-v", clip, "When is it loudest?")
    calls = [line for line in ran.err.splitlines() if line.startswith("line ")]
    assert any(
        "measure_loudness(video=video 0, " in line and " -> [Level(" in line for line in calls
    )
    both = vprog("solve", "-q", "-v", clip, "How long is the video?")
    assert (both.code, both.out) == (2, "")


def test_solve_sends_its_spans_nowhere_that_is_no_address(clip: Path) -> None:
    ran = vprog("solve", clip, "How long is the video?", "--otlp", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert "http or https" in ran.err


def test_solve_answers_also_where_the_receiver_of_its_spans_is_away(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vprog.view.exports.export_otlp._TIMEOUT_S", 0.3)
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    ran = vprog("solve", clip, "How long is the video?", "--otlp", url)
    assert (ran.code, ran.out) == (0, "2\n")
    assert "did not take the" in ran.err


@pytest.mark.parametrize("times", [("0.5", "1.5"), ("0:00.5", "1.5s"), ("0.5 s", "0:01.5")])
def test_solve_from_to_takes_every_way_to_write_a_time(clip: Path, times: tuple[str, str]) -> None:
    ran = vprog("solve", "--from", times[0], "--to", times[1], clip, "How many shots?", "--json")
    assert ran.code == 0
    assert [(item["start"], item["end"]) for item in ran.json["evidence"]] == [(0.5, 1.5)]


@pytest.mark.parametrize(
    ("given", "words"),
    [(("--from", "2"), "video 0 ends at 0:02"), (("--from", "1", "--to", "0.5"), "must end"),
     (("--to", "soon"), "is no time")],
)  # fmt: skip
def test_solve_from_to_that_is_no_part_exits_with_2(
    clip: Path, given: tuple[str, ...], words: str
) -> None:
    ran = finish(start("solve", *given, clip, "How many shots?"))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
