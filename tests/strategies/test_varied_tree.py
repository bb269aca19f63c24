from __future__ import annotations

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import CellStarted, ModuleCalled, ProgramWritten, Voted, Warned

LOOK = cell("squares = find_colour(frame_at(video, 0.5), 'red', min_area=0.5)")
ELSEWHERE = cell("squares = find_colour(frame_at(video, 0.2), 'red', min_area=0.5)")
COUNT = cell("answer(len(squares), evidence=squares)")
GUESS = cell("answer(7)")


def test_a_leaf_votes_with_the_numbers_that_make_it_surest(desk: Desk) -> None:
    run = desk.ask("varied_tree", [LOOK, COUNT, ELSEWHERE, COUNT], accept=1.0)
    # As written nothing is so large: 0, with nothing to name.
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert run.result.evidence[0].supported
    assert run.result.cost.llm_calls == 4  # variants ask no model
    grid = {f"find_colour: min_area={item}" for item in (0.0005, 0.002, 0.01, 0.05)}
    assert {written.note for written in run.of(ProgramWritten)} >= grid
    (voted,) = run.of(Voted)
    assert [bytes(ballot.value) for ballot in voted.ballots] == [b"1", b"1"]
    assert "surest of 5, by variants" in " ".join(warning.text for warning in run.of(Warned))


def test_variants_share_what_they_do_not_change(desk: Desk) -> None:
    run = desk.ask("varied_tree", [LOOK, COUNT], answers=1)
    frames = [call.how for call in run.of(ModuleCalled) if call.task == "frame_at"]
    assert frames == ["executed", *["cached"] * 4]


def test_a_leaf_with_nothing_to_vary_votes_itself(desk: Desk) -> None:
    run = desk.ask("varied_tree", [GUESS], answers=1)
    assert (run.result.answer, len(run.of(CellStarted))) == (7, 1)


@pytest.mark.parametrize(
    ("reply", "status"), [("I cannot.", "abstained"), (cell("answer([1][2])"), "failed")]
)
def test_hostile_replies_are_no_answer(desk: Desk, reply: str, status: str) -> None:
    run = desk.ask("varied_tree", [reply] * 20)
    assert (run.result.status, run.result.answer) == (status, None)


def test_a_spent_budget_votes_with_the_leaves_there_are(desk: Desk) -> None:
    run = desk.ask("varied_tree", [LOOK, COUNT, ELSEWHERE], max_llm_calls=3, accept=1.0)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
