from __future__ import annotations

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import ModuleCalled, NodeEvaluated

LOOK = cell("frame = frame_at(video, 0.5)")
COUNT = cell("squares = find_colour(frame, 'red')")
ANSWER = cell("answer(len(squares), evidence=squares)")


def test_each_turn_makes_one_call_and_sees_what_it_gave(desk: Desk) -> None:
    run = desk.ask("react", [LOOK, COUNT, ANSWER])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
    assert [node.n_calls for node in run.of(NodeEvaluated)] == [1, 1, 0]
    assert "frame = Frame(" in run.prompt(1)
    assert "squares = [Detection(" in run.prompt(2)
    run.assert_no_prefix_ran_twice()


def test_more_than_one_call_is_refused_before_it_runs(desk: Desk) -> None:
    both = cell("frame = frame_at(video, 0.5)", "squares = find_colour(frame, 'red')")
    loop = cell("frames = [frame_at(video, t / 10) for t in range(9)]")
    run = desk.ask("react", [both, loop, LOOK, COUNT, ANSWER])
    assert run.result.answer == 1
    assert len(run.of(ModuleCalled)) == 2
    assert "more than one" in run.prompt(1)
    assert "inside a loop" in run.prompt(2)


def test_the_last_turn_must_answer(desk: Desk) -> None:
    run = desk.ask("react", [LOOK, COUNT, ANSWER], turns=3)
    assert run.result.answer == 1
    assert "must call answer" in run.prompt(2)
    late = desk.ask("react", [LOOK, COUNT, COUNT], turns=3)
    assert late.result.status == "abstained"
    prose = desk.ask("react", [LOOK, "It is one."], turns=2)
    assert prose.result.status == "abstained"
