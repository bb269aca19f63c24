from __future__ import annotations

import json

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import NodeEvaluated, Reflected

LOOK = cell("frame = frame_at(video, 0.5)")
COUNT = cell("squares = find_colour(frame, 'red')")
MORE = cell("others = find_colour(frame, 'grey')")
ANSWER = cell("answer(len(squares), evidence=squares)")


def says(sufficient: bool, confidence: float, missing: str = "") -> str:
    return json.dumps({"sufficient": sufficient, "confidence": confidence, "missing": missing})


def test_it_looks_until_sufficient_and_sure_enough(desk: Desk) -> None:
    replies = [LOOK, says(False, 0.9, "count the squares"), COUNT, says(True, 0.7), ANSWER]
    run = desk.ask("observe", replies)
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert run.result.cost.llm_calls == 5
    assert "count the squares" in run.prompt(2)[run.prompt(2).index('"missing"') :]
    assert "squares = [Detection(" in run.prompt(4)
    assert [node.parent for node in run.of(NodeEvaluated)] == [0, 1, 2]
    assert run.result.program is not None
    assert run.result.program.count("\n") == 3
    run.assert_no_prefix_ran_twice()


def test_sufficient_but_unsure_goes_on_and_the_third_round_is_the_last(desk: Desk) -> None:
    replies = [LOOK, says(True, 0.69), COUNT, says(True, 0.5), MORE, says(False, 0.2), ANSWER]
    run = desk.ask("observe", replies)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 7)
    assert len(run.of(Reflected)) == 3
    assert "must call answer" in run.prompt(6)


@pytest.mark.parametrize(
    "last",
    ["Option A.", cell("answer(squars)"), cell("answer([1][3])"), cell("x = 1"), "```python\n```"],
)
def test_a_last_reply_that_gives_no_answer_abstains(desk: Desk, last: str) -> None:
    replies = [COUNT.replace("frame,", "frame_at(video, 0.5),"), says(True, 1.0), last]
    run = desk.ask("observe", replies, choices=["1", "2"])
    assert (run.result.status, run.result.exit_code) == ("abstained", 7)
    assert run.result.answer is None


def test_a_failed_look_is_shown_to_the_next_and_not_reflected_on(desk: Desk) -> None:
    fails = cell("frame = frame_at(video, 0.5)", "x = [1][4]")
    run = desk.ask("observe", [fails, LOOK, says(False, 0.1), COUNT, says(True, 0.9), ANSWER])
    assert run.result.answer == 1
    assert "IndexError" in run.prompt(1)
    assert "IndexError" not in run.prompt(3)
    assert [node.parent for node in run.of(NodeEvaluated)] == [0, 0, 2, 3]


def test_a_reflection_that_cannot_be_read_is_no_reflection(desk: Desk) -> None:
    run = desk.ask("observe", [LOOK, "All good!", COUNT, says(True, 0.8), ANSWER])
    assert (run.result.answer, len(run.of(Reflected))) == (1, 1)


def test_a_spent_budget_is_a_limit(desk: Desk) -> None:
    run = desk.ask("observe", [LOOK, says(False, 0.1), COUNT], max_llm_calls=2)
    assert run.result.status == "limit"
