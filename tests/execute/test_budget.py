"""What one question may spend."""

from __future__ import annotations

import threading
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


def test_budget_refuses_further_requests_when_the_tokens_are_spent() -> None:
    budget = Budget(max_tokens=100)
    budget.check_tokens(99)
    with pytest.raises(BudgetError, match="used up its 100 tokens"):
        budget.check_tokens(100)
    with pytest.raises(BudgetError, match=r"of 100 tokens 60 are left, .* reads about 61"):
        budget.check_tokens(40, 61)
    budget.check_tokens(40, 60)
    Budget(max_tokens=0).check_tokens(10**9, 10**9)


def test_budget_leaves_behind_what_is_at_work_when_the_time_is_over_and_names_it() -> None:
    go_on = threading.Event()
    late: list[int] = []

    def work() -> int:
        assert go_on.wait(30)
        return 1

    with pytest.raises(BudgetError, match="0 seconds: the type check was still at work"):
        Budget(max_seconds=0.0).bounded(work, "the type check", too_late=late.append)
    go_on.set()


def test_budget_bounded_gives_what_the_work_gives_and_raises_what_it_raises() -> None:
    budget = Budget()
    assert budget.bounded(lambda: 7, "a sum") == 7
    with pytest.raises(ZeroDivisionError):
        budget.bounded(lambda: 1 / 0, "a sum")


def test_budget_stopped_from_another_thread_ends_the_wait_at_once() -> None:
    budget, began, go_on = Budget(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        assert go_on.wait(30)

    def stop() -> None:
        assert began.wait(30)
        budget.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(BudgetError, match="was stopped"):
        budget.bounded(work, "a wait")
    stopper.join()
    go_on.set()


def test_budget_alarm_rings_when_the_time_is_over_and_not_after_the_block() -> None:
    rung = threading.Event()
    with Budget(max_seconds=0.0).alarm(rung.set):
        assert rung.wait(30)
    with Budget().alarm(lambda: pytest.fail("the block is over")):
        pass
