from __future__ import annotations

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import ModuleCalled, NodeTried

LOOK = cell("frame = frame_at(video, 0.5)")
COUNT = cell("squares = find_colour(frame, 'red')")
ANSWER = cell("answer(len(squares), evidence=squares)")


def test_each_turn_makes_one_call_and_sees_what_it_gave(desk: Desk) -> None:
    asked = desk.ask("react", [LOOK, COUNT, ANSWER])
    assert (asked.result.answer, asked.result.cost.llm_calls) == (1, 3)
    assert [each.n_calls for each in asked.of(NodeTried)] == [1, 1, 0]
    assert "frame = Frame(" in asked.prompt(1)
    assert "squares = [Detection(" in asked.prompt(2)
    asked.assert_no_prefix_ran_twice()


def test_more_than_one_call_is_refused_before_it_runs(desk: Desk) -> None:
    both = cell("frame = frame_at(video, 0.5)", "squares = find_colour(frame, 'red')")
    loop = cell("frames = [frame_at(video, t / 10) for t in range(9)]")
    asked = desk.ask("react", [both, loop, LOOK, COUNT, ANSWER])
    assert asked.result.answer == 1
    assert len(asked.of(ModuleCalled)) == 2
    assert "more than one" in asked.prompt(1)
    assert "inside a loop" in asked.prompt(2)


def test_the_last_turn_must_answer(desk: Desk) -> None:
    asked = desk.ask("react", [LOOK, COUNT, ANSWER], turns=3)
    assert asked.result.answer == 1
    assert "must call answer" in asked.prompt(2)
    late = desk.ask("react", [LOOK, COUNT, COUNT], turns=3)
    assert late.result.status == "abstained"
    prose = desk.ask("react", [LOOK, "It is one."], turns=2)
    assert prose.result.status == "abstained"
