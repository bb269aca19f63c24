"""Module calls in flight: joined when equal, one at a time per module, failures not shared."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.asking import Ask, entered, released
from vprog.errors import BudgetError, ModuleFailedError
from vprog.execute.residency import Residency
from vprog.execute.scheduler import PlainScheduler, Work
from vprog.media.source import MediaSource
from vprog.registry.call_context import CallContext
from vprog.registry.module import Call, module, spec_of


def test_scheduler_joins_equal_calls_in_flight(ask: Ask) -> None:
    run = ask()
    scheduler = PlainScheduler(Residency())
    spec = run.broker.modules["hold_on"]
    work = Work(
        spec, Call({"video": run.media.videos[0], "name": "n"}, CallContext(run.media)), "same"
    )
    batches = scheduler.batches
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(scheduler.run, work)
        assert entered.acquire(timeout=30)
        second = pool.submit(scheduler.run, work)
        while not scheduler._in_flight["same"]._condition._waiters:  # type: ignore[attr-defined]
            assert not second.done()
        released.release()
        done = [first.result(30), second.result(30)]
    assert [(item.value, item.is_joined) for item in done] == [("n", False), ("n", True)]
    assert scheduler.batches - batches == 1


def test_scheduler_gives_an_error_to_the_one_whose_call_it_was() -> None:
    began, go_on = threading.Event(), threading.Event()
    tries: list[int] = []

    @module("fail_once")
    class FailOnce:
        def __call__(self) -> int:
            """Fails at the first try."""
            tries.append(1)
            if len(tries) == 1:
                began.set()
                assert go_on.wait(30)
                raise BudgetError("the first question is out of time.")
            return 7

    scheduler = PlainScheduler(Residency())
    work = Work(spec_of(FailOnce), Call({}, CallContext(MediaSource([]))), "k")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(scheduler.run, work)
        assert began.wait(30)
        second = pool.submit(scheduler.run, work)
        go_on.set()
        with pytest.raises(BudgetError):
            first.result(30)
        assert second.result(30).value == 7


def test_scheduler_says_which_module_broke_and_how() -> None:
    @module("divide")
    class Divide:
        def __call__(self) -> float:
            """Never works."""
            return 1 / 0

    scheduler = PlainScheduler(Residency())
    with pytest.raises(ModuleFailedError, match=r"divide/Divide.*ZeroDivisionError") as caught:
        scheduler.run(Work(spec_of(Divide), Call({}, CallContext(MediaSource([]))), "k"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert scheduler._in_flight == {}
