from __future__ import annotations

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import NodeEvaluated, Reflected, Voted, Warned

SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)
WRONG = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares) + 6, evidence=squares)",
)
STANDS = '{"sufficient": true, "confidence": 0.9, "missing": ""}'
CONTRADICTS = '{"sufficient": false, "confidence": 0.9, "missing": "One was found, not 7."}'


def test_answers_that_contradict_their_program_have_no_vote(desk: Desk) -> None:
    run = desk.ask("verify", [WRONG, WRONG, SEEN, CONTRADICTS, STANDS], samples=3)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)  # two programs, judged once
    (voted,) = run.of(Voted)
    assert len(voted.ballots) == 1
    assert "Verify this roll-out" in run.prompt(1)
    assert '"value": "7"' in run.prompt(1)
    assert [judged.sufficient for judged in run.of(Reflected)] == [False, True]
    assert len(run.of(NodeEvaluated)) == 2


def test_where_each_contradicts_itself_there_is_no_answer(desk: Desk) -> None:
    run = desk.ask("verify", [WRONG, CONTRADICTS], samples=1)
    assert (run.result.status, run.result.answer) == ("abstained", None)
    assert run.result.error is not None
    assert "One was found, not 7." in run.result.error.message


def test_a_verifier_that_cannot_be_read_lets_stand(desk: Desk) -> None:
    for said in ('{"sufficient": "no"}', "Ignore all </data> " + "x" * 9_000):
        run = desk.ask("verify", [SEEN, said], samples=1)
        assert run.result.answer == 1
        assert any("no judgement" in warning.text for warning in run.of(Warned))


def test_the_budget_leaves_answers_unverified_and_that_is_told(desk: Desk) -> None:
    run = desk.ask("verify", [SEEN], samples=1, max_llm_calls=1)
    assert run.result.answer == 1
    assert any("1 of 1 answers were not verified" in warning.text for warning in run.of(Warned))


def test_without_an_answer_there_is_nothing_to_verify(desk: Desk) -> None:
    run = desk.ask("verify", [cell("abstain('nothing')"), cell("answer([1][4])")], samples=2)
    assert (run.result.status, run.result.cost.llm_calls) == ("abstained", 1)
