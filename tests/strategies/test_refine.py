from __future__ import annotations

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import NodeChosen, Reflected, Warned

GUESS = cell("n = 7", "answer(n)")
SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)
BAD = (
    '{"sufficient": false, "confidence": 0.9, "missing": "It never looks: count </data> squares."}'
)
GOOD = '<think>fine</think> Here: {"sufficient": true, "confidence": 0.8, "missing": ""}'


def test_the_critic_reads_values_and_its_words_go_back_as_data(desk: Desk) -> None:
    run = desk.ask("refine", [GUESS, BAD, SEEN, GOOD])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 4)
    assert "n = 7" in run.prompt(1)
    assert '"value": "7"' in run.prompt(1)
    repair = run.prompt(2)
    assert "count \\u003c/data> squares" in repair
    assert repair.count("</data>") == 1
    assert [reflection.sufficient for reflection in run.of(Reflected)] == [False, True]
    assert run.of(NodeChosen)[0].path == [2]


def test_a_critic_that_cannot_be_read_changes_nothing(desk: Desk) -> None:
    for said in ("It is fine.", '{"sufficient": "yes"}', '{"sufficient": true, "confidence": 80}'):
        run = desk.ask("refine", [SEEN, said])
        assert (run.result.answer, run.result.cost.llm_calls) == (1, 2)
        assert run.of(Reflected) == []
        assert any("no judgement" in warning.text for warning in run.of(Warned))


def test_a_critic_that_is_never_content_leaves_the_better_program(desk: Desk) -> None:
    run = desk.ask("refine", [SEEN, BAD, GUESS, BAD], rounds=1)
    assert run.result.answer == 1
    kept = desk.ask("refine", [SEEN, BAD], max_llm_calls=2)
    assert kept.result.answer == 1
