from __future__ import annotations

import pytest

from tests.program.parses import count_parses
from tests.strategies.conftest import Desk, cell
from vprog.errors import LlmUnreachableError
from vprog.trace.event import CellStarted, NodeEvaluated, ProgramWritten

WRONG = cell("frames = sample_frames(video)", "answer(frames[99], evidence=frames)")
RAISES = cell("frames = sample_frames(video)", "late = frames[99]", "answer(1, evidence=[late])")
RIGHT = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares))")


def test_a_program_is_repaired_from_what_the_walls_and_the_run_say(desk: Desk) -> None:
    run = desk.ask("program", ["I think so.", WRONG, RAISES, RIGHT])
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert run.result.cost.llm_calls == 4
    assert [node.status for node in run.of(NodeEvaluated)] == ["rejected", "failed", "answered"]
    assert "IndexError" in run.prompt(3)
    # The story is the program that answered: nothing of the tries before it.
    assert [step.name for step in run.result.trace.steps if step.kind == "call"] == [
        "frame_at",
        "find_colour",
    ]


def test_repairs_are_limited_and_the_last_program_is_the_result(desk: Desk) -> None:
    run = desk.ask("program", [RAISES] * 5, repairs=1)
    assert (run.result.status, run.result.cost.llm_calls) == ("failed", 2)
    assert run.result.program is not None
    assert "frames[99]" in run.result.program
    assert run.result.error is not None
    assert run.result.error.line == 2
    assert len(run.of(CellStarted)) == 1  # the same program again is not run again


def test_an_abstention_is_not_asked_again(desk: Desk) -> None:
    run = desk.ask("program", [cell("abstain('no sound')"), RIGHT])
    assert (run.result.status, run.result.cost.llm_calls) == ("abstained", 1)


def test_a_model_that_fails_is_a_result(desk: Desk) -> None:
    assert desk.ask("program", [LlmUnreachableError("gone.")]).result.status == "llm_error"
    assert desk.ask("program", ["no."] * 9, repairs=1).result.status == "llm_error"
    assert desk.ask("program", [RAISES, RIGHT], max_llm_calls=1).result.status == "limit"


def test_each_program_of_a_model_is_parsed_once_from_reply_to_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask("program", [RIGHT])  # stubs and prelude are parsed once in a process
    parsed = count_parses(monkeypatch)
    run = desk.ask("program", [WRONG, RAISES, RIGHT])
    assert run.result.status == "answered"
    programs = [event.source for event in run.of(ProgramWritten)]
    assert len(programs) == 3
    assert parsed == dict.fromkeys(programs, 2)  # by the run, and by the replay of its trace
