"""Module calls in flight: joined when equal, in turn by instance or device, no shared failure."""

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
        first = pool.submit(lambda: scheduler.submit(work).result())
        assert entered.acquire(timeout=30)
        second = pool.submit(lambda: scheduler.submit(work).result())
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
        first = pool.submit(lambda: scheduler.submit(work).result())
        assert began.wait(30)
        second = pool.submit(lambda: scheduler.submit(work).result())
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
        scheduler.submit(Work(spec_of(Divide), Call({}, CallContext(MediaSource([]))), "k"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert scheduler._in_flight == {}


class Meeting:
    """Two calls wait for each other: neither ends unless both run at once."""

    together = threading.Barrier(2)

    def __call__(self, name: str) -> bool:
        """Whether the other call came.

        Args:
            name: of the call.
        """
        try:
            self.together.wait(timeout=60)
        except threading.BrokenBarrierError:
            return False
        return True


@pytest.mark.parametrize(
    ("parallel", "memory_mb", "device", "locks"),
    [
        (True, 0, "cpu", set()),
        (True, 10, "cuda", set()),
        (False, 0, "cuda", {"instance"}),
        (False, 10, "cpu", {"instance"}),
        (False, 10, "cuda", {"cuda"}),
    ],
)
def test_scheduler_lets_calls_wait_for_an_instance_or_a_device_only(
    parallel: bool, memory_mb: int, device: str, locks: set[str]
) -> None:
    residency = Residency(device)
    scheduler = PlainScheduler(residency)
    cls = module("meet", parallel=parallel, memory_mb=memory_mb)(type("Meet", (Meeting,), {}))
    spec = spec_of(cls)
    Meeting.together.reset()
    if not parallel:
        Meeting.together.abort()  # nobody waits for who cannot come

    def meet(name: str) -> object:
        work = Work(spec, Call({"name": name}, CallContext(MediaSource([]))), name)
        return scheduler.submit(work).result().value

    with ThreadPoolExecutor(2) as pool:
        met = list(pool.map(meet, ("a", "b")))
    if parallel:
        assert met == [True, True]
    names = {id(residency.instance(spec)): "instance", device: device}
    assert {names[key] for key in scheduler._turns} == locks
