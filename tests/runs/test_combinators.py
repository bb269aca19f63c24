from __future__ import annotations

import pytest

from vprog.errors import BudgetError, LlmUnreachableError
from vprog.runs.combinators import (
    best,
    escalate,
    fallback,
    first_fit,
    gather,
    refine,
    route,
    until,
    vote,
)
from vprog.runs.votes import Vote
from vprog.strategies.mcts import StepNews, Tree, TreeShape, TreeStep, grow


def spends() -> int:
    raise BudgetError("spent.")


def test_fallback_goes_on_only_while_nothing_is_accepted() -> None:
    assert fallback(lambda: 1, lambda: 2, spends, accept=lambda each: each == 2) == 2
    assert fallback(lambda: 1, lambda: 3, accept=lambda each: each == 2) == 3
    with pytest.raises(BudgetError):
        fallback(lambda: 1, spends, accept=lambda each: each == 2)


def test_escalate_stops_at_the_first_level_that_is_accepted() -> None:
    seen: list[int] = []

    def look(level: int) -> int:
        seen.append(level)
        return level * 10

    assert escalate([32, 64, 128], look, accept=lambda each: each >= 640) == 640
    assert seen == [32, 64]
    with pytest.raises(ValueError, match="at least one level"):
        escalate([], look, accept=bool)


def test_until_keeps_the_last_state_when_the_budget_ends() -> None:
    assert until(lambda n, at: n + at, 0, stop=lambda n: n >= 3, rounds=9) == 3

    def step(n: int, at: int) -> int:
        if at == 2:
            raise LlmUnreachableError("gone.")
        return n + 1

    assert until(step, 0, stop=lambda _: False, rounds=9) == 2


def test_gather_keeps_what_there_is_but_not_nothing() -> None:
    assert gather([lambda: 1, lambda: 2, spends], enough=lambda _: False) == [1, 2]
    assert gather([lambda: 1, spends], enough=lambda made: bool(made)) == [1]
    with pytest.raises(BudgetError):
        gather([spends, lambda: 1], enough=lambda _: False)


def test_best_and_vote_and_route_and_first_fit() -> None:
    assert best([1, -3, 3], score=abs) == -3
    ballots = [Vote(1, "a", 0.4), Vote(2, "b", 0.3), Vote(3, "B ", 0.2)]
    parties = vote(ballots, vote_of=lambda each: each)
    assert [[item.node for item in party] for party in parties] == [[2, 3], [1]]
    table = {"count": lambda: 1}
    assert route("count", table, default=lambda: 0) == 1
    assert route("when", table, default=lambda: 0) == 0
    assert first_fit([1, 8, 64], fits=lambda seconds: 1000 / seconds < 200) == 8
    assert first_fit([1, 8], fits=lambda _: False) is None


def test_refine_stops_when_the_critic_is_content_or_rounds_are_over() -> None:
    def criticise(n: int) -> str | None:
        return "more" if n < 2 else None

    assert refine(0, criticise=criticise, rewrite=lambda n, _: n + 1, rounds=9) == [0, 1, 2]
    assert refine(0, criticise=criticise, rewrite=lambda n, _: n + 1, rounds=1) == [0, 1]
    assert refine(0, criticise=criticise, rewrite=lambda *_: spends(), rounds=9) == [0]


def test_tree_says_why_it_ended_and_leaves_no_step_out() -> None:
    grown = Tree(TreeShape(max_children=2))
    asked: list[int] = []

    def expand(steps: list[TreeStep]) -> list[StepNews]:
        asked.append(len(steps))
        if len(asked) == 3:
            spends()
        return [("continues", 0.0) for _ in steps]

    error = grow(grown, expand, width=2, enough=lambda: False)
    assert isinstance(error, BudgetError)
    assert asked == [2, 2, 2]
    assert grown.n_out == 0
    assert grown.root.visits == 0
    assert grow(Tree(), lambda _: [("ended", 1.0)], enough=lambda: True) is None
