"""A run comes out again from its trace alone, bit for bit, whatever it came to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import vprog
from tests.asking import FindSquare
from tests.llm.server import refuses
from tests.looking import REGISTRY, answered_by
from tests.modules.vlm.chat_replies import sure
from tests.replays.conftest import (
    PROGRAM,
    Run,
    again,
    broken,
    draw_sound,
    events_of,
    registry_with,
    script,
    tamper,
)
from vprog.registry.registry import Registry
from vprog.replays.repeat_unchanged import cells_of, ended_by_machine
from vprog.replays.replay_run import replay
from vprog.trace.event import (
    Abstained,
    AnyEvent,
    CellFailed,
    CellStarted,
    ModuleCalled,
    NodeEvaluated,
    PictureKept,
    Printed,
    ProgramRefused,
    ProgramWritten,
    Warned,
)
from vprog.trace.store import read_trace


@pytest.mark.parametrize(
    ("program", "status", "n_replayed"),
    [
        (PROGRAM, "answered", 9),
        ("x = [1]\nanswer(x[4])", "failed", 0),
        ("import os\nanswer(1)", "rejected", 0),
        ("", "rejected", 0),
        ("x = note_call('a')", "rejected", 0),
        ("x = note_call('a')\nif x == 'a':\n    y = 1\nelse:\n    answer(2)", "failed", 1),
        ("abstain(note_call('dark'))", "abstained", 1),
        ("x = break_down(frame_at(video, 0.5))\nanswer(x)", "failed", 2),
        ("x = give_garbage(video)\nanswer(len(x))", "failed", 1),
        ("x = load_badly(video)\nanswer(x)", "failed", 1),
        ("x = lack_package(video)\nanswer(x)", "missing", 1),
        ("try:\n    x = break_down(frame_at(video, 0.5))\nexcept Exception:\n    x = 7\nanswer(x)",
         "answered", 2),
        ("try:\n    x = len(find_square(Frame(0, 99.0, None)))\nexcept Exception as e:\n"
         "    x = str(e)\nanswer(x)", "answered", 0),
    ],
)  # fmt: skip
def test_own_program_comes_to_the_same_without_video_or_module(
    run: Run, film: Path, program: str, status: str, n_replayed: int
) -> None:
    recorded = run(program)
    assert recorded.status == status
    made = again(recorded, registry_with(broken(), without=(FindSquare,)), film)
    assert made.first_difference is None
    assert made.n_replayed == n_replayed
    assert (made.result.status, made.result.answer) == (status, recorded.answer)
    assert made.result.error == recorded.error


def test_limit_of_calls_ends_it_at_the_same_call(run: Run, registry: Registry) -> None:
    recorded = run("for k in range(9):\n    x = note_call('same')\nanswer(1)", max_calls=4)
    assert recorded.status == "limit"
    made = again(recorded, registry)
    assert (made.first_difference, made.n_replayed) == (None, 4)


def test_limit_of_seconds_ends_it_where_it_ended_however_fast_it_is_now(
    run: Run, registry: Registry
) -> None:
    """The clock of then is in the trace alone: the call that it refused was never made."""
    recorded = run("for k in range(9):\n    x = note_call('same')\nanswer(1)", max_calls=4)
    assert recorded.trace_path is not None
    tamper(recorded, "the program made more than 4 module calls.", "it ran too long.", count=9)
    tamper(recorded, '"max_calls":4', '"max_calls":5000')
    made = again(recorded, registry)
    assert made.first_difference is None
    assert made.result.error is not None
    assert made.result.error.message == "it ran too long."


@pytest.mark.parametrize("tail", ["x = x + 1", "print('y' * 900)"])
def test_cell_that_the_sandbox_ended_is_taken_as_recorded(
    run: Run, registry: Registry, tail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_SANDBOX_SECONDS", "1")
    recorded = run(f"a = note_call('loop')\nx = 0\nwhile True:\n    {tail}\nanswer(x)")
    assert recorded.status == "limit"
    made = again(recorded, registry)
    assert (made.first_difference, made.n_replayed, made.result.status) == (None, 1, "limit")
    assert [event.how for event in events_of(made.result, ModuleCalled)] == ["replayed"]


def test_question_of_the_rules_comes_to_the_same(film: Path, registry: Registry) -> None:
    recorded = vprog.solve(film, "What colour is the video at 0:01?", registry=registry)
    made = again(recorded, registry, film)
    assert made.first_difference is None
    assert (made.result.path, made.result.answer) == (recorded.path, recorded.answer)


def test_abstention_of_the_rules_comes_to_the_same(film: Path, registry: Registry) -> None:
    recorded = vprog.solve(film, "Why is the square so sad?", registry=registry)
    made = again(recorded, registry, film)
    assert (made.first_difference, made.result.status) == (None, "abstained")
    assert made.result.error == recorded.error


@pytest.mark.parametrize("answer", ["choices[1]", "'neither'"])
def test_choices_are_those_of_then(run: Run, registry: Registry, answer: str) -> None:
    recorded = run(f"answer({answer})", question="Which?", choices=["left", "right"])
    made = again(recorded, registry)
    assert made.first_difference is None
    assert (made.result.status, made.result.choice) == (recorded.status, recorded.choice)


def test_several_videos_need_not_be_there(
    run: Run, registry: Registry, film: Path, other_clip: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(other_clip, tmp_path / "other.mp4"))
    program = "n = [len(find_square(frame_at(film, 0.5))) for film in videos]\nanswer(n)"
    recorded = run(program, videos=[film, other])
    made = again(recorded, registry, film, other)
    assert (made.first_difference, made.result.answer) == (None, recorded.answer)


@pytest.mark.parametrize(
    ("strategy", "given"),
    [
        ("program", {}),
        ("tree", {"width": 1, "nodes": 4}),
        ("tree", {"width": 3, "nodes": 6}),
        ("vote", {"samples": 3}),
        ("react", {"turns": 2}),
    ],
)
def test_search_comes_to_the_same_with_no_model_file_and_no_video(
    film: Path, registry: Registry, tmp_path: Path, strategy: str, given: dict[str, Any]
) -> None:
    cells = [
        "first = note_call('a')\nanswer(3, evidence=[frame_at(video, 0.5)])",
        "second = note_call('b')\nanswer(4)",
        "x = note_call('c')\nanswer(3)",
    ]
    recorded = vprog.solve(
        film, "How many?", llm=script(tmp_path, *cells * 4), strategy=strategy,
        registry=registry, **given,
    )  # fmt: skip
    assert events_of(recorded, NodeEvaluated)
    (tmp_path / "script.txt").unlink()
    made = again(recorded, registry, film)
    assert made.first_difference is None
    assert (made.result.status, made.result.answer) == (recorded.status, recorded.answer)
    assert again(made.result, registry).first_difference is None


def test_fast_path_needs_neither_server_nor_model(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    replies = [sure("A", 0.6)]
    recorded, _ = answered_by(
        replies, monkeypatch, film, "Which colour?", choices=["red", "blue"],
        llm=script(tmp_path, "answer('blue')"),
    )  # fmt: skip
    assert recorded.path == "slow"
    monkeypatch.delenv("OPENAI_API_KEY")
    made = again(recorded, REGISTRY, film)
    assert (made.first_difference, made.result.answer) == (None, "blue")
    started = made.result.trace.recording.started
    assert started.answerer == "openai:tiny"


def test_fast_path_that_was_refused_is_refused_again(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    alone, _ = answered_by([refuses(401, "no")], monkeypatch, film, "What is it?", mode="fast")
    then_slow, _ = answered_by(
        [refuses(401, "no")], monkeypatch, film, "What is it?",
        llm=script(tmp_path, "answer('a square')"),
    )  # fmt: skip
    film.unlink()
    for recorded, status in ((alone, "llm_error"), (then_slow, "answered")):
        made = again(recorded, REGISTRY)
        assert (made.first_difference, made.result.status) == (None, status)


def test_replay_is_a_trace_like_any_with_its_pictures(
    run: Run, registry: Registry, film: Path
) -> None:
    recorded = run()
    made = again(recorded, registry, film)
    kept = [(event.time, event.file) for event in events_of(recorded, PictureKept)]
    assert kept
    assert [(event.time, event.file) for event in events_of(made.result, PictureKept)] == kept
    assert made.result.trace.recording.started.replay_of == recorded.trace_path.name  # type: ignore[union-attr]
    assert again(made.result, registry).first_difference is None
    assert "data:image/jpeg" in made.result.trace._repr_html_()


def test_damaged_or_lost_pictures_are_done_without(
    run: Run, registry: Registry, film: Path
) -> None:
    recorded = run()
    assert recorded.trace_path is not None
    first, *others = sorted((recorded.trace_path / "pictures").iterdir())
    first.write_bytes(b"no picture")
    for other in others:
        other.unlink()
    made = again(recorded, registry, film)
    assert made.first_difference is None
    assert events_of(made.result, PictureKept) == []
    assert any("could not be kept" in warning for warning in made.result.warnings)


def test_warnings_of_then_are_told_once(run: Run, registry: Registry) -> None:
    recorded = run("try:\n    x = break_down(frame_at(video, 0.5))\nexcept Exception:\n"
                   "    x = 7\nanswer(x)")  # fmt: skip
    assert len(recorded.warnings) == 1
    twice = again(again(recorded, registry).result, registry)
    assert twice.result.warnings == recorded.warnings
    assert [event.text for event in events_of(twice.result, Warned)] == list(recorded.warnings)


def test_run_of_several_cells_without_a_search_is_replayed_again(
    film: Path, registry: Registry, tmp_path: Path
) -> None:
    """A changed run of a search's path has its cells side by side."""
    recorded = vprog.solve(
        film, "How many?", registry=registry, strategy="tree", nodes=2,
        llm=script(tmp_path, "first = note_call('a')", "answer(len(first))"),
    )  # fmt: skip
    assert recorded.status == "answered"
    assert recorded.trace_path is not None
    changed = replay(recorded.trace_path, edits={}, modules={}, registry=registry)
    assert changed.first_difference is None
    edited = replay(recorded.trace_path, edits=["1:1=answer(len(first) + 1)"], registry=registry)
    unended = replay(recorded.trace_path, edits=["1:1=x = len(first)"], registry=registry)
    assert (edited.result.answer, edited.n_run) == (2, 0)
    assert unended.result.status == "failed"
    film.unlink()
    for item in (edited, unended):
        made = again(item.result, registry)
        assert made.first_difference is None
        assert made.result.program == item.result.program


def test_sound_file_comes_to_the_same(tmp_path: Path, registry: Registry) -> None:
    sound = draw_sound(tmp_path / "tone.wav", [(0.5, 0.0), (1.5, 0.5)])
    program = "silent = find_silence(video)\nanswer(len(silent), evidence=silent)"
    recorded = vprog.run(sound, program, registry=registry)
    assert (recorded.status, recorded.answer) == ("answered", 1)
    assert again(recorded, registry, sound).first_difference is None


def test_events_of_a_question_that_abstained_stand_once(run: Run, registry: Registry) -> None:
    made = again(run("abstain('dark')"), registry)
    assert len(events_of(made.result, Abstained)) == 1
    assert read_trace(made.result.trace_path).damage == ""  # type: ignore[arg-type]


def written(node: int, cell: int = 0) -> ProgramWritten:
    return ProgramWritten(node=node, cell=cell, source=f"# {node}", writer="w")


def failed(message: str, *, node: int = 0) -> CellFailed:
    return CellFailed(node=node, cell=0, line=3, code="limit", message=message, hint="h")


def test_cells_of_programs_that_took_turns_keep_their_own_events() -> None:
    events: list[AnyEvent] = [
        written(1), written(2), CellStarted(node=2, cell=0), CellStarted(node=1, cell=0),
        Printed(node=1, cell=0, text="one"), Printed(node=2, cell=0, text="two"),
    ]  # fmt: skip
    found = cells_of(events)
    assert [cell.written.node for cell in found] == [1, 2]
    texts = [[event.text for event in cell.work if isinstance(event, Printed)] for cell in found]
    assert texts == [["one"], ["two"]]


def test_cells_of_one_node_begin_where_the_next_is_written() -> None:
    events: list[AnyEvent] = [
        Printed(cell=0, text="before any"), written(0), Printed(cell=0, text="a"),
        written(0, 1), Printed(cell=1, text="b"),
    ]  # fmt: skip
    assert [len(cell.work) for cell in cells_of(events)] == [1, 1]


@pytest.mark.parametrize(
    ("wall", "is_run"), [("extraction", False), ("form", False), ("gate", True), ("types", True)]
)
def test_cell_that_came_before_no_wall_is_not_run(wall: str, is_run: bool) -> None:
    (cell,) = cells_of([written(1), ProgramRefused(node=1, cell=0, check=wall, problems=[])])
    assert cell.is_run is is_run


@pytest.mark.parametrize(
    ("message", "is_end"),
    [
        ("the program met its limit of time: 5 s", True),
        ("the program made more than 4 module calls.", False),
    ],
)
def test_machine_end_is_told_from_a_spent_budget(message: str, is_end: bool) -> None:
    (cell,) = cells_of([written(0), failed(message)])
    assert (cell.machine_end is not None) is is_end


def test_ended_by_machine_is_the_outcome_of_then() -> None:
    outcome = ended_by_machine(failed("the program met its limit of time: 5 s"))
    assert (outcome.status, outcome.cell, outcome.line, outcome.state) == ("limit", 0, 3, None)
    assert outcome.error is not None
    assert (outcome.error.message[-3:], outcome.error.hint) == ("5 s", "h")


def test_tried_event_is_no_work_of_the_cell() -> None:
    tried = NodeEvaluated(
        node=1, parent=0, cell=0, status="answered", reward=1.0, valid=1.0, confidence=1.0,
        evidence=1.0, n_calls=0,
    )  # fmt: skip
    (cell,) = cells_of([written(1), tried])
    assert cell.work == []
