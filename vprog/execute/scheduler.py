"""Who runs a module call, and when.

`Scheduler` is what the broker sees. `PlainScheduler` runs each call at once in a thread of the
host, so that a call which does not come back can be left behind, and joins identical calls in
flight. One that groups the calls of several programs into batches fits behind the same protocol:
that is why a call comes with its key, and why programs say when they begin and end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from vprog.execute.host_task import HostTask, LeftBehindError
from vprog.execute.module_faults import module_error
from vprog.execute.residency import Residency
from vprog.registry.call_context import using
from vprog.registry.module import Call, ModuleSpec
from vprog.types.coverage import Seen


def _as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True)
class Work:
    """One module call that has to be done.

    Attributes:
        spec: of the module.
        call: its arguments and context.
        key: equal for equal work.
        read: makes a checked value of what the module returned; what it raises is the call's.
    """

    spec: ModuleSpec
    call: Call
    key: str
    read: Callable[[object], object] = _as_it_is


@dataclass(frozen=True)
class Done:
    """What came of it."""

    value: object
    seconds: float
    is_joined: bool
    frames_decoded: int
    notes: tuple[object, ...] = ()
    """What the module warned of, as it gave it."""
    seen: Sequence[Seen] = ()
    """What of the videos was read for it."""
    is_degraded: bool = False
    """Whether frames or sound were lost on the way: it is no result of the whole file."""


class CallTask(HostTask[Done]):
    """A call that runs; `who` says which module, and what it waits for."""

    def __init__(
        self, work: Callable[[], Done], *, when_left: Callable[[], None], progress: Progress
    ) -> None:
        self._progress = progress
        super().__init__(work, when_left=when_left)

    def who(self) -> str:
        """The culprit, where the call does not come back."""
        return self._progress.who()


@dataclass
class Progress:
    """How far a call has come; read by who waits for it."""

    name: str
    stage: str = ""
    holds_instance: bool = False
    leads: Future[Done | None] | None = None

    def who(self) -> str:
        """The module, and what it was at if that was not its own work."""
        return f'module "{self.name}"{self.stage}'


class Scheduler(Protocol):
    """Runs module calls for any number of live programs."""

    def program_begins(self) -> None:
        """One more program may make calls."""

    def program_ends(self) -> None:
        """One program less."""

    def submit(self, work: Work) -> CallTask:
        """Take one call; its result, or what the module or its loading raised, comes later."""

    @property
    def batches(self) -> int:
        """How many times a module was started."""


@dataclass
class _Turn:
    """The right to use an instance or a device, and who has it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    holder: str = ""


class PlainScheduler:
    """Runs each call when it comes."""

    def __init__(self, residency: Residency) -> None:
        self._residency = residency
        self._lock = threading.Lock()
        self._turns: dict[object, _Turn] = {}
        self._in_flight: dict[str, Future[Done | None]] = {}
        self._live = 0
        self._batches = 0

    @property
    def batches(self) -> int:
        return self._batches

    def program_begins(self) -> None:
        with self._lock:
            self._live += 1

    def program_ends(self) -> None:
        with self._lock:
            self._live -= 1

    def submit(self, work: Work) -> CallTask:
        """Run the call now; it may be left behind, and then holds nobody else up."""
        progress = Progress(work.spec.name)
        return CallTask(
            lambda: self._run(work, progress),
            when_left=lambda: self._leave(work, progress),
            progress=progress,
        )

    def _run(self, work: Work, progress: Progress) -> Done:
        while True:
            with self._lock:
                other = self._in_flight.get(work.key)
                if other is None:
                    mine: Future[Done | None] = Future()
                    progress.leads = self._in_flight[work.key] = mine
            if other is None:
                return self._lead(work, mine, progress)
            done = other.result()
            if done is not None:
                return replace(done, is_joined=True, frames_decoded=0)

    def _lead(self, work: Work, mine: Future[Done | None], progress: Progress) -> Done:
        """Run a call that others may have joined."""
        done: Done | None = None
        try:
            done = self._execute(work, progress)
            return done
        finally:
            # A failure is the leader's own (its budget, its file): whoever joined gets None
            # and attempts it for itself.
            self._let_go(work, mine, done)

    def _leave(self, work: Work, progress: Progress) -> None:
        """The call does not come back in time: whoever joined, or comes next, starts anew."""
        if progress.leads is not None:
            self._let_go(work, progress.leads, None)
        if progress.holds_instance:
            self._residency.forget(work.spec)

    def _let_go(self, work: Work, mine: Future[Done | None], done: Done | None) -> None:
        with self._lock:
            if self._in_flight.get(work.key) is mine:
                del self._in_flight[work.key]
            is_open = not mine.done()
            if is_open:
                mine.set_result(done)

    def _execute(self, work: Work, progress: Progress) -> Done:
        spec, context = work.spec, work.call.context
        try:
            with self._device_turn(spec, progress):
                # Loading and, unless calls go side by side, the call have the instance alone.
                progress.stage, progress.holds_instance = ", which was being loaded,", True
                with (
                    self._residency.hold(spec, warn=context.tell) as instance,
                    self._turn(spec, instance, progress),
                    using(context),
                ):
                    progress.stage, progress.holds_instance = "", not spec.parallel
                    with self._lock:
                        self._batches += 1
                    began = time.perf_counter()  # loading is not the call's time
                    value = work.read(instance(**work.call.arguments))
                    seconds = time.perf_counter() - began
        except LeftBehindError:
            raise
        except BaseException as error:  # Ctrl-C comes to the main thread, never to this one
            raise module_error(spec, error, context) from error
        return Done(
            value,
            seconds,
            is_joined=False,
            frames_decoded=context.frames_decoded,
            notes=tuple(context.notes),
            seen=context.seen,
            is_degraded=context.is_degraded,
        )

    def _device_turn(self, spec: ModuleSpec, progress: Progress) -> AbstractContextManager[object]:
        """Taken before loading: who waits for a device holds none of its memory."""
        if not self._is_on_device(spec):
            return nullcontext()
        return self._held(self._residency.device, spec, progress)

    def _turn(
        self, spec: ModuleSpec, instance: object, progress: Progress
    ) -> AbstractContextManager[object]:
        if spec.parallel or self._is_on_device(spec):
            return nullcontext()
        return self._held(id(instance), spec, progress)

    @contextmanager
    def _held(self, key: object, spec: ModuleSpec, progress: Progress) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
        progress.stage = f", which waited for {turn.holder}," if turn.lock.locked() else ""
        progress.holds_instance = False
        with turn.lock:
            turn.holder = f'"{spec.name}", busy with an earlier call'
            yield

    def _is_on_device(self, spec: ModuleSpec) -> bool:
        """Whether calls compute on an accelerator, which does one thing at a time."""
        return not spec.parallel and spec.memory_mb > 0 and self._residency.device != "cpu"
