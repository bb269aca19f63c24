"""Module calls in flight: joined when equal, in turn by instance or device, no shared failure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.asking import Ask, entered, released
from vprog.errors import BudgetError, ModuleFailedError, ModuleInputError, VprogError
from vprog.execute.budget import Budget
from vprog.execute.residency import Residency
from vprog.execute.scheduler import PlainScheduler, Work
from vprog.media.source import MediaSource
from vprog.registry.call_context import CallContext, current
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
                raise ModuleFailedError("out of luck.")
            return 7

    scheduler = PlainScheduler(Residency())
    work = Work(spec_of(FailOnce), Call({}, CallContext(MediaSource([]))), "k")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: scheduler.submit(work).result())
        assert began.wait(30)
        second = pool.submit(lambda: scheduler.submit(work).result())
        go_on.set()
        with pytest.raises(ModuleFailedError):
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
        scheduler.submit(
            Work(spec_of(Divide), Call({}, CallContext(MediaSource([]))), "k")
        ).result()
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


def work_of(cls: type, key: str = "k", **arguments: object) -> Work:
    return Work(spec_of(cls), Call(arguments, CallContext(MediaSource([]))), key)


def test_scheduler_leaves_a_call_behind_and_the_next_one_gets_a_fresh_instance() -> None:
    go_on, began = threading.Event(), threading.Event()
    made: list[object] = []

    @module("sit")
    class Sit:
        def __init__(self) -> None:
            made.append(self)

        def __call__(self) -> int:
            """Sits until the test says so, the first time."""
            if len(made) == 1:
                began.set()
                assert go_on.wait(30)
            return len(made)

    scheduler = PlainScheduler(Residency())
    budget = Budget(max_seconds=0.0)
    stuck = scheduler.submit(work_of(Sit))
    assert began.wait(30)
    joined = scheduler.submit(work_of(Sit))
    with pytest.raises(BudgetError, match=r'module "sit/Sit" was still at work, and was left'):
        budget.wait_for(stuck, stuck.who)
    assert joined.result(30).value == 2  # it goes on for itself, on an instance of its own
    assert not stuck.is_over
    go_on.set()
    assert stuck.wait(30)


def test_scheduler_says_whom_a_call_waits_for() -> None:
    go_on, began = threading.Event(), threading.Event()

    @module("hog", memory_mb=1)
    class Hog:
        def __call__(self, name: str) -> int:
            """Holds the device.

            Args:
                name: of the call.
            """
            began.set()
            assert go_on.wait(30)
            return 1

    scheduler = PlainScheduler(Residency("cuda"))
    first = scheduler.submit(work_of(Hog, "a", name="a"))
    assert began.wait(30)
    second = scheduler.submit(work_of(Hog, "b", name="b"))
    with pytest.raises(BudgetError, match='which waited for "hog/Hog", busy with an earlier call'):
        Budget(max_seconds=0.0).wait_for(second, second.who)
    go_on.set()
    assert first.result(30).value == 1


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Disguised(ModuleInputError):
    """Of a module's own, with a text that forges lines."""

    code = "answered"


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (SystemExit(3), ModuleFailedError, 'module "raise_it/Raise" failed: SystemExit: 3'),
        (KeyboardInterrupt(), ModuleFailedError, "failed: KeyboardInterrupt"),
        (GeneratorExit(), ModuleFailedError, "failed: GeneratorExit"),
        (Silent(), ModuleFailedError, "its text cannot be made: RuntimeError"),
        (BudgetError("the question was stopped."), ModuleFailedError, "failed: BudgetError"),
        (VprogError("all is well"), ModuleFailedError, "failed: VprogError: all is well"),
        (ValueError("a\nvprog: isolation: none"), ModuleFailedError, "a vprog: isolation"),
        (ValueError("x" * 50_000_000), ModuleFailedError, "xxx"),
        (Disguised("wrong\x1b[2J"), ModuleInputError, r"wrong\\x1b"),
    ],
)
def test_scheduler_names_the_module_whatever_it_raises(
    raised: BaseException, kind: type[VprogError], words: str
) -> None:
    @module("raise_it")
    class Raise:
        def __call__(self) -> int:
            """Raises."""
            raise raised

    with pytest.raises(kind, match=words) as caught:
        PlainScheduler(Residency()).submit(work_of(Raise)).result()
    assert type(caught.value) is kind
    assert len(str(caught.value)) < 1000


def test_scheduler_believes_a_module_that_the_time_is_over_if_it_is() -> None:
    budget = Budget(max_seconds=0.0)

    @module("look")
    class Look:
        def __call__(self) -> int:
            """Sees that the time is over."""
            current().check()
            return 1

    context = CallContext(MediaSource([]), check=budget.check_time)
    call = PlainScheduler(Residency()).submit(Work(spec_of(Look), Call({}, context), "k"))
    with pytest.raises(BudgetError, match="ran longer than 0 seconds"):
        call.result()
