"""What one question may spend."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vprog.errors import BudgetError
from vprog.execute.budget import Budget


@pytest.mark.parametrize(
    ("make", "charge", "words"),
    [
        (lambda: Budget(max_calls=2), Budget.charge_call, "2 module calls"),
        (lambda: Budget(max_llm_calls=2), Budget.charge_llm_call, "2 requests"),
    ],
)
def test_budget_ends_after_what_it_holds(
    make: Callable[[], Budget], charge: Callable[[Budget], None], words: str
) -> None:
    budget = make()
    charge(budget)
    charge(budget)
    with pytest.raises(BudgetError, match=words):
        charge(budget)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_budget_without_time_ends_at_once(seconds: float) -> None:
    budget = Budget(max_seconds=seconds)
    assert budget.seconds_left == 0.0
    for charge in (budget.charge_call, budget.charge_llm_call, budget.check_time):
        with pytest.raises(BudgetError, match="longer than"):
            charge()
    assert (budget.calls, budget.llm_calls) == (0, 0)


def test_budget_seconds_left_go_down_from_what_was_given() -> None:
    budget = Budget(max_seconds=100.0)
    first = budget.seconds_left
    assert 99.0 < budget.seconds_left <= first <= 100.0


def test_budget_that_was_stopped_leaves_nothing_to_spend() -> None:
    budget = Budget()
    budget.stop()
    assert budget.seconds_left == 0.0
    for charge in (budget.charge_call, budget.charge_llm_call, budget.check_time):
        with pytest.raises(BudgetError, match="was stopped"):
            charge()
