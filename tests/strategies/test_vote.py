from __future__ import annotations

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import NodeChosen, NodeEvaluated, Voted

SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)
SAID = cell("answer(7)")
ALSO_SAID = cell("n = 7", "answer(n)")
FAILS = cell("answer([1, 2][5])")


def test_votes_weigh_by_evidence_not_by_number(desk: Desk) -> None:
    run = desk.ask("vote", [SAID, ALSO_SAID, FAILS, SEEN, "no program"], samples=5)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 1)
    assert run.model.requests[0].n == 5
    assert run.model.requests[0].temperature == 0.8
    (voted,) = run.of(Voted)
    assert [(ballot.party, bytes(ballot.value)) for ballot in voted.ballots] == [
        (0, b"1"),
        (1, b"7"),
        (1, b"7"),
    ]
    assert [ballot.weight for ballot in voted.ballots[1:]] == [0.025, 0.025]
    (seen,) = [node for node in run.of(NodeEvaluated) if node.node == voted.ballots[0].node]
    assert voted.ballots[0].weight == pytest.approx(seen.reward, abs=1e-6)
    assert run.of(NodeChosen)[0].path == [seen.node]


def test_a_program_written_twice_runs_once_and_has_two_votes(desk: Desk) -> None:
    run = desk.ask("vote", [cell("answer(8)"), SAID, SAID], samples=3)
    assert run.result.answer == 7
    assert len(run.of(NodeEvaluated)) == 2
    (voted,) = run.of(Voted)
    assert [(ballot.party, bytes(ballot.value)) for ballot in voted.ballots] == [
        (0, b"7"),
        (0, b"7"),
        (1, b"8"),
    ]
    assert dict(run.result.score_parts)["votes"] == pytest.approx(2 / 3, abs=1e-6)


def test_samples_that_all_fail_fall_back_to_a_program_with_repairs(desk: Desk) -> None:
    run = desk.ask("vote", [FAILS, "no", FAILS, FAILS, SEEN], samples=3)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)


def test_a_spent_budget_leaves_the_samples_there_are(desk: Desk) -> None:
    many = cell("frames = [frame_at(video, 0.1) for _ in range(9)]", "answer(9, evidence=frames)")
    run = desk.ask("vote", [SEEN, many], samples=2, max_calls=5)
    assert run.result.answer == 1
    assert [node.status for node in run.of(NodeEvaluated)] == ["answered", "limit"]
