"""Cells to outcomes, in the real sandbox: what each cell gives, rollback, forks, positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asking import Ask
from vprog.errors import LimitError, ProgramFailedError, ProgramRejectedError
from vprog.execute.cell_outcome import Outcome
from vprog.execute.runtime import Runtime
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.settings import load_settings
from vprog.trace.event import ModuleCalled, Printed, ProgramRefused, StepValue
from vprog.trace.store import read_trace
from vprog.types import Box


def answer_of(outcome: Outcome) -> object:
    assert outcome.status == "answered", outcome
    return outcome.value


def test_run_whole_gives_answer_evidence_and_score(ask: Ask) -> None:
    outcome = ask().executor.run_whole(
        "frame = frame_at(video, 0.5)\nfound = find_square(frame)\n"
        "answer(found[0].box.x0, evidence=found)\n"
    )
    assert answer_of(outcome) == pytest.approx(20.0, abs=2)  # 4 pixels a frame
    (evidence,) = outcome.evidence
    assert (evidence.start, evidence.text, evidence.supported) == (0.5, "square", True)
    assert isinstance(evidence.box, Box)
    assert (outcome.score, outcome.line) == (0.875, 3)


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("answer(1)", 1),
        ("answer(1.5)", 1.5),
        ("answer('x')", "x"),
        ("answer(True)", True),
        ("answer([1.0, 2.5])", [1.0, 2.5]),
        ("answer(['a', 'b'])", ["a", "b"]),
        ("answer((0.5, 1.0))", (0.5, 1.0)),
        ("answer(Span(0.5, 1.0))", (0.5, 1.0)),
        ("answer(question)", "Where is the square?"),
        ("answer(len(videos))", 1),
        ("answer(video.n_frames)", 20),
        ("try:\n    answer(1)\nexcept Exception:\n    answer(2)\n", 1),
    ],
)
def test_run_whole_answers_with_each_kind_of_value(ask: Ask, program: str, value: object) -> None:
    assert answer_of(ask().executor.run_whole(program)) == value


@pytest.mark.parametrize(
    ("program", "status", "line", "words"),
    [
        ("x = 1", "rejected", 1, "answer"),
        ("import os\nanswer(1)", "rejected", 1, "os"),
        ("answer(", "rejected", 1, ""),
        ("\nanswer(detct(video))", "rejected", 2, "detct"),
        ("x: int = 1\nanswer(x.title())", "rejected", 2, "title"),
        ("\n\nanswer([1][5])", "failed", 3, "IndexError"),
        ("if video.duration > 99:\n    answer(1)\n", "failed", 2, "without calling"),
        ("raise ValueError('own words')\nanswer(1)", "failed", 1, "own words"),
        ("frame = Frame(0, 99.0)\nanswer(len(find_square(frame)))", "failed", 2, "0 to 2 s"),
        ("abstain('too dark')", "abstained", 1, "too dark"),
        ("x = [0]\nwhile True:\n    x = x + x\nanswer(1)", "limit", None, "memory"),
    ],
)
def test_run_whole_tells_what_ended_it_and_where(
    ask: Ask, program: str, status: str, line: int | None, words: str
) -> None:
    run = ask()
    outcome = run.executor.run_whole(program)
    assert outcome.status == status
    if line is not None:
        assert outcome.line == line
    assert words in (outcome.reason or str(outcome.error))
    assert answer_of(run.executor.run_whole("answer(7)")) == 7  # the next one is not touched


def test_run_whole_of_an_endless_loop_is_ended_by_the_clock(
    registry: Registry, clip: Path, tmp_path: Path
) -> None:
    settings = load_settings({"trace_dir": tmp_path, "cache_dir": tmp_path, "sandbox_seconds": 1})
    with Runtime(settings, registry) as runtime, Run(runtime, settings, [clip], "Why?") as run:
        outcome = run.executor.run_whole("x = 5\nwhile True:\n    pass\nanswer(x)")
        assert outcome.status == "limit"
        assert "time" in str(outcome.error)
        assert answer_of(run.executor.run_whole("answer(7)")) == 7  # the next one is not touched


def test_run_cells_share_names_and_make_a_program_together(ask: Ask) -> None:
    executor = ask().executor
    start = executor.begin()
    first = executor.run(
        start, "frames = [frame_at(video, k / 2) for k in range(4)]\nn = len(frames)"
    )
    assert first.status == "continues"
    assert first.state is not None
    assert first.state.names == {"frames", "n"}
    second = executor.run(first.state, "def twice(x: int) -> int:\n    return 2 * x\n")
    assert second.state is not None
    third = executor.run(second.state, "answer(twice(n))")
    assert answer_of(third) == 8
    joined = "\n".join([*(cell.text for cell in second.state.cells), "answer(twice(n))"])
    assert answer_of(executor.run_whole(joined)) == 8


@pytest.mark.parametrize(
    ("bad", "status", "kind"),
    [
        ("n = 99\nraise KeyError('x')", "failed", ProgramFailedError),
        ("n = 99\nn.append(1)", "rejected", ProgramRejectedError),
        ("n = 99\nwhile True:\n    n = n + 1", "limit", LimitError),
        ("n = 99\nx = [0]\nwhile True:\n    x = x + x", "limit", LimitError),
    ],
)
def test_run_rolls_back_a_cell_that_fails(
    ask: Ask, bad: str, status: str, kind: type[Exception]
) -> None:
    executor = ask().executor
    before = executor.run(executor.begin(), "n = 1\nseen = [n]")
    assert before.state is not None
    failed = executor.run(before.state, bad)
    assert (failed.status, failed.state) == (status, None)
    assert isinstance(failed.error, kind)
    assert answer_of(executor.run(before.state, "answer(n + len(seen))")) == 2


def test_run_two_forks_of_one_state_do_not_see_each_other(ask: Ask) -> None:
    executor = ask().executor
    root = executor.run(executor.begin(), "items = [1]")
    assert root.state is not None
    left = executor.run(root.state, "items.append(2)")
    right = executor.run(root.state, "items.append(3)\nitems.append(4)")
    assert left.state is not None
    assert right.state is not None
    assert answer_of(executor.run(left.state, "answer(str(items))")) == "[1, 2]"
    assert answer_of(executor.run(right.state, "answer(str(items))")) == "[1, 3, 4]"
    assert answer_of(executor.run(root.state, "answer(str(items))")) == "[1]"


def test_run_a_function_of_an_earlier_cell_calls_from_its_own_line(ask: Ask) -> None:
    run = ask()
    executor = run.executor
    first = executor.run(
        executor.begin(),
        "def look(t: float) -> int:\n    return len(find_square(frame_at(video, t)))",
    )
    assert first.state is not None
    for _ in range(2):  # in the live worker, and in one that loaded the dump
        executor.run(first.state, "x = 1\ny = look(0.5)")
    calls = [
        event for event in read_trace(run.recorder.folder).events if isinstance(event, ModuleCalled)
    ]
    assert {(call.cell, call.line) for call in calls} == {(0, 2)}


def test_run_records_values_prints_and_refusals(ask: Ask) -> None:
    run = ask()
    run.executor.run_whole("print('hello')\nfor i in range(9):\n    x = i * i\nanswer(x)")
    run.executor.run_whole("nope(video)\nanswer(1)")
    events = read_trace(run.recorder.folder).events
    values = {event.name: event for event in events if isinstance(event, StepValue)}
    assert (values["x"].line, values["x"].count, values["x"].type) == (3, 9, "int")
    assert values["x"].text == "9 times: 0, 1, 4 … 36, 49, 64"
    assert [event.text for event in events if isinstance(event, Printed)] == ["hello\n"]
    (refused,) = [event for event in events if isinstance(event, ProgramRefused)]
    assert (refused.check, refused.problems[0][0]) == ("gate", 1)


def test_run_records_values_in_a_function_that_runs_often(ask: Ask) -> None:
    run = ask()
    outcome = run.executor.run_whole(
        "def square(n: int) -> int:\n    x = n * n\n    return x\n"
        "total = 0\nfor i in range(9):\n    total += square(i)\nanswer(total)"
    )
    assert answer_of(outcome) == 204
    events = read_trace(run.recorder.folder).events
    values = {event.name: event.text for event in events if isinstance(event, StepValue)}
    assert values["x"] == "9 times: 0, 1, 4 … 36, 49, 64"


def test_run_records_values_of_a_run_that_a_budget_ended(ask: Ask) -> None:
    run = ask(max_calls=3)
    outcome = run.executor.run_whole(
        "n = 0\nfor k in range(50):\n"
        "    n = n + len(find_square(frame_at(video, k / 50)))\nanswer(n)"
    )
    assert outcome.status == "limit"
    assert "more than 3 module calls" in str(outcome.error)
    events = read_trace(run.recorder.folder).events
    assert any(isinstance(event, StepValue) and event.name == "n" for event in events)


def test_run_module_errors_can_be_caught_by_the_program(ask: Ask) -> None:
    outcome = ask().executor.run_whole(
        "frame = frame_at(video, 0.1)\ntry:\n    x = break_down(frame)\n"
        "except Exception as problem:\n    x = -1\nanswer(x)"
    )
    assert answer_of(outcome) == -1


def test_executor_gives_its_place_back_whatever_happens(ask: Ask) -> None:
    for _ in range(20):  # more often than there are places
        run = ask()
        run.executor.begin()
        run.close()
    assert answer_of(ask().executor.run_whole("answer(1)")) == 1


@pytest.mark.parametrize(
    "after", ["finally:\n    while True:\n        pass", "except Exception:\n    x = 0"]
)
def test_run_keeps_the_values_of_a_program_that_does_not_stop_at_its_answer(
    ask: Ask, after: str
) -> None:
    run = ask()
    outcome = run.executor.run_whole(f"x = 41\ntry:\n    y = x + 1\n    answer(y)\n{after}\n")
    assert answer_of(outcome) == 42
    events = read_trace(run.recorder.folder).events
    values = {event.name: event.text for event in events if isinstance(event, StepValue)}
    assert values == {"x": "41", "y": "42"}
