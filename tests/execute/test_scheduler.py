"""Module calls in flight: joined when equal, in turn by instance or device, no shared failure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from tests.asking import Ask, entered, released
from vprog.errors import BudgetError, ModuleFailedError, ModuleInputError, VprogError
from vprog.execute.budget import Budget
from vprog.execute.loaded_modules import LoadedModules
from vprog.execute.module_work import Done, GuessFailedError, Work
from vprog.execute.scheduler import BatchScheduler, CallTask
from vprog.media.run_videos import MediaSource
from vprog.registry.call_context import CallContext, current
from vprog.registry.module import Call, module, spec_of


def test_scheduler_joins_equal_calls_in_flight(ask: Ask) -> None:
    run = ask()
    scheduler = BatchScheduler(LoadedModules())
    spec = run.broker.modules["hold_on"]
    work = Work(
        spec, Call({"video": run.media.videos[0], "name": "n"}, CallContext(run.media)), "same"
    )
    batches = scheduler.batches
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: scheduler.submit(work).result())
        assert entered.acquire(timeout=30)
        second = pool.submit(lambda: scheduler.submit(work).result())
        while not scheduler._in_flight["same"].joined:
            assert not second.done()
        released.release()
        done = [first.result(30), second.result(30)]
    assert [(item.value, item.is_joined) for item in done] == [("n", False), ("n", True)]
    assert scheduler.batches - batches == 1


def test_scheduler_gives_no_run_what_another_made_of_a_damaged_file(ask: Ask) -> None:
    run = ask()
    scheduler = BatchScheduler(LoadedModules())
    spec = run.broker.modules["hold_on"]
    arguments = {"video": run.media.videos[0], "name": "n"}
    works = [
        Work(spec, Call(arguments, CallContext(run.media)), "same", owner=owner)
        for owner in ("one", "one", "other", "other")
    ]
    works[0].call.context._degraded()
    first = scheduler.submit(works[0])
    assert entered.acquire(timeout=30)
    tasks = [first, *(scheduler.submit(work) for work in works[1:])]
    released.release()
    assert entered.acquire(timeout=30)  # the other run has it done, once for both
    released.release()
    done = [task.result(30) for task in tasks]
    assert [(item.is_joined, item.is_degraded) for item in done] == [
        (False, True), (True, True), (False, False), (True, False),
    ]  # fmt: skip


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

    scheduler = BatchScheduler(LoadedModules())
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

    scheduler = BatchScheduler(LoadedModules())
    with pytest.raises(ModuleFailedError, match=r"divide/Divide.*ZeroDivisionError") as caught:
        scheduler.submit(
            Work(spec_of(Divide), Call({}, CallContext(MediaSource([]))), "k")
        ).result()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert scheduler._in_flight == {}


def test_scheduler_ends_a_call_with_what_is_known_by_then_and_loads_nothing_for_it() -> None:
    @module("never_load")
    class NeverLoad:
        def load(self, device: str) -> None:
            raise AssertionError("nothing is to be computed")

        def __call__(self) -> int:
            """Never called."""
            return 1

    def too_much(*, is_near: bool) -> Done:
        raise ModuleFailedError("too many masks.")

    scheduler = BatchScheduler(LoadedModules())
    done = Done(7, 0.0, is_joined=True, frames_decoded=0)
    work = Work(
        spec_of(NeverLoad),
        Call({}, CallContext(MediaSource([]))),
        "k",
        known=lambda *, is_near=False: done,
    )
    assert scheduler.submit(work).result(30) is done
    with pytest.raises(ModuleFailedError, match="too many masks"):
        scheduler.submit(replace(work, known=too_much)).result(30)
    assert (scheduler.batches, scheduler._in_flight) == (0, {})


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
    ("parallel", "memory_mb", "device", "lanes"),
    [
        (True, 0, "cpu", []),
        (True, 10, "cuda", []),
        (False, 0, "cuda", ["meet/Meet"]),
        (False, 10, "cpu", ["meet/Meet"]),
        (False, 10, "cuda", ["cuda"]),
    ],
)
def test_scheduler_lets_calls_wait_for_an_instance_or_a_device_only(
    parallel: bool, memory_mb: int, device: str, lanes: list[str]
) -> None:
    scheduler = BatchScheduler(LoadedModules(device))
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
    assert list(scheduler._queues._lanes) == lanes


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

    scheduler = BatchScheduler(LoadedModules())
    budget = Budget(max_seconds=0.0)
    stuck = scheduler.submit(work_of(Sit))
    assert began.wait(30)
    joined = scheduler.submit(work_of(Sit))
    with pytest.raises(BudgetError, match=r'module "sit/Sit" was still at work, and was left'):
        budget.wait_for(stuck, stuck.who)
    assert joined.result(30).value == 2  # it goes on for itself, on an instance of its own
    assert not stuck.is_over
    go_on.set()


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

    scheduler = BatchScheduler(LoadedModules("cuda"))
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
        BatchScheduler(LoadedModules()).submit(work_of(Raise)).result()
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
    call = BatchScheduler(LoadedModules()).submit(Work(spec_of(Look), Call({}, context), "k"))
    with pytest.raises(BudgetError, match="ran longer than 0 seconds"):
        call.result()


# Batches


class Batched:
    """Doubles numbers, together; writes down each batch, and holds the first until told."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.began, self.go_on = threading.Event(), threading.Event()
        self.most = 100
        test = self

        @module("double", batch=4)
        class Double:
            def __call__(self, number: int) -> int:
                """Twice a number.

                Args:
                    number: any; 13 is refused.
                """
                return self.batch([Call({"number": number}, CallContext(MediaSource([])))])[0]

            def batch(self, calls: list[Call]) -> list[int]:
                numbers = [int(str(call.arguments["number"])) for call in calls]
                test.batches.append(numbers)
                if numbers == [0]:
                    test.began.set()
                    assert test.go_on.wait(30)
                if len(numbers) > test.most:
                    raise RuntimeError("CUDA out of memory. Tried to allocate")
                if 13 in numbers:
                    raise ModuleInputError("number: 13 is no number.")
                return [2 * number for number in numbers]

        self.spec = spec_of(Double)
        self.scheduler = BatchScheduler(LoadedModules())
        self.told: list[str] = []

    def submit(self, number: int, *, owner: str = "a", is_guess: bool = False) -> CallTask:
        context = CallContext(MediaSource([]), warn=self.told.append)
        call = Call({"number": number}, context)
        work = Work(self.spec, call, f"{number}", owner=owner)
        return self.scheduler.submit(work, is_guess=is_guess)

    def behind_one(self, *numbers: int) -> list[CallTask]:
        """Calls that queue up behind one at work, which then ends."""
        first = self.submit(0)
        assert self.began.wait(30)
        calls = [self.submit(number) for number in numbers]
        self.go_on.set()
        assert first.result(30).value == 0
        return calls


def test_scheduler_puts_what_queued_up_into_batches_of_the_declared_size() -> None:
    double = Batched()
    calls = double.behind_one(1, 2, 3, 4, 5)
    assert [call.result(30).value for call in calls] == [2, 4, 6, 8, 10]
    assert double.batches == [[0], [1, 2, 3, 4], [5]]
    assert [call.result().batch for call in calls] == [2, 2, 2, 2, 3]
    assert double.scheduler.batches == 3


def test_scheduler_fails_only_the_call_that_fails() -> None:
    double = Batched()
    calls = double.behind_one(1, 13, 3)
    assert [calls[0].result(30).value, calls[2].result(30).value] == [2, 6]
    with pytest.raises(ModuleInputError, match="13 is no number"):
        calls[1].result(30)
    assert double.batches == [[0], [1, 13, 3], [1], [13], [3]]
    assert double.told == []


def test_scheduler_halves_a_batch_that_is_out_of_memory_and_says_so() -> None:
    double = Batched()
    double.most = 2
    calls = double.behind_one(1, 2, 3, 4)
    assert [call.result(30).value for call in calls] == [2, 4, 6, 8]
    assert double.batches == [[0], [1, 2, 3, 4], [1, 2], [3, 4]]
    assert set(double.told) == {"double/Double: out of memory at a batch of 4; at most 2 now"}
    double.scheduler.program_begins()
    double.began.clear(), double.go_on.clear()
    calls = double.behind_one(5, 6, 7)
    assert [call.result(30).value for call in calls] == [10, 12, 14]
    assert double.batches[-2:] == [[5, 6], [7]]


def test_scheduler_leaves_one_call_of_a_batch_and_computes_the_others() -> None:
    double = Batched()
    first = double.submit(0)
    assert double.began.wait(30)
    calls = [double.submit(number) for number in (1, 2, 3)]
    calls[1].leave()
    double.go_on.set()
    assert first.result(30).value == 0
    assert [calls[0].result(30).value, calls[2].result(30).value] == [2, 6]
    assert double.batches == [[0], [1, 3]]
    assert double.scheduler._queues.n_waiting == 0


def test_scheduler_makes_a_guess_with_what_goes_and_forgets_one_that_is_discarded() -> None:
    double = Batched()
    first = double.submit(0)
    assert double.began.wait(30)
    guesses = [double.submit(number, is_guess=True) for number in (1, 2, 13)]
    double.scheduler.discard(guesses[1])
    call = double.submit(5)
    double.go_on.set()
    assert [first.result(30).value, call.result(30).value] == [0, 10]
    assert guesses[0].result(30).value == 2
    with pytest.raises(GuessFailedError):
        guesses[2].result(30)
    assert double.batches == [[0], [5, 1, 13], [5], [1], [13]]
    assert double.scheduler._in_flight == {}


def test_scheduler_begins_a_guess_that_a_program_now_waits_for() -> None:
    double = Batched()
    double.scheduler.program_begins()
    guess = double.submit(7, is_guess=True)
    assert double.batches == []  # alone it fills no batch
    double.scheduler.demand(guess)
    assert guess.result(30).value == 14


def test_scheduler_refuses_a_batch_without_a_result_for_each_call() -> None:
    @module("lose", batch=2)
    class Lose:
        def __call__(self, number: int) -> int:
            """Itself.

            Args:
                number: any.
            """
            began.set()
            assert go_on.wait(30)
            return number

        def batch(self, calls: list[Call]) -> list[int]:
            return []

    began, go_on = threading.Event(), threading.Event()
    scheduler = BatchScheduler(LoadedModules())
    calls = [scheduler.submit(work_of(Lose, f"{number}", number=number)) for number in range(3)]
    assert began.wait(30)
    go_on.set()
    assert [call.result(30).value for call in calls] == [0, 1, 2]  # each by itself
