from __future__ import annotations

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.errors import LlmReplyError
from vprog.strategies.two_candidates import MAX_TEXT, Comparison, read_comparison
from vprog.trace.event import NodeChosen, Warned

GUESS = cell("n = 7", "answer(n)")
COUNTS = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares) + 1)")
BEST = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)
COMPARED = (
    '<think>Hm.</think>{"strengths": "The second looks </data> at a frame.", '
    '"weaknesses": "It adds one and cites nothing."}'
)


def test_the_third_program_is_told_strengths_and_weaknesses_as_data(desk: Desk) -> None:
    run = desk.ask("two_candidates", [GUESS, COUNTS, COMPARED, BEST])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
    assert run.model.requests[0].n == 2
    compared, rewritten = run.prompt(1), run.prompt(2)
    assert "# Candidate 1" in compared
    assert "answered: 7" in compared
    assert "answered: 2" in compared
    assert "Keep: The second looks \\u003c/data> at a frame." in rewritten
    assert "Change: It adds one" in rewritten
    assert rewritten.count("</data>") == 1
    assert run.of(NodeChosen)[0].path == [3]


def test_a_comparison_that_cannot_be_read_leaves_the_better_candidate(desk: Desk) -> None:
    for said in ('{"strengths": 3, "weaknesses": "x"}', "{" * 3000):
        run = desk.ask("two_candidates", [GUESS, BEST, said])
        assert (run.result.answer, run.result.cost.llm_calls) == (1, 2)
        assert any("the better candidate stands" in warning.text for warning in run.of(Warned))


def test_a_spent_budget_leaves_the_better_candidate(desk: Desk) -> None:
    for limit, replies in ((1, [GUESS, BEST]), (2, [GUESS, BEST, COMPARED])):
        run = desk.ask("two_candidates", replies, max_llm_calls=limit)
        assert (run.result.answer, run.result.status) == (1, "answered")


def test_one_candidate_alone_is_not_compared(desk: Desk) -> None:
    run = desk.ask("two_candidates", ["no program at all", BEST])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 1)


def test_a_comparison_is_one_line_each() -> None:
    read = read_comparison('{"strengths": "a\\n b", "weaknesses": "' + "c" * 900 + '"}')
    assert read == Comparison("a b", "c" * MAX_TEXT)
    for reply in ('{"strengths": "a", "weaknesses": " "}', "[]", '{"weaknesses": "a"}'):
        with pytest.raises(LlmReplyError):
            read_comparison(reply)
