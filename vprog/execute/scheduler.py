"""Runs the module calls of all live programs: in batches where a module has `batch`, else singly.

What goes when is decided by batch_queues.py. Here are the clock, the threads and the modules:
identical calls in flight are joined, a call that does not come back is left behind and holds
nobody else up, a call that fails in a batch fails alone, and a batch that is too large for the
memory is halved. One batch runs at a time on an instance, and on an accelerator. A call that
another process is at work on waits for that one (calls_elsewhere.py).
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Protocol, cast

import msgspec
from msgspec.structs import replace

from vprog.errors import ModuleFailedError, VprogError
from vprog.execute.batch_queues import Batch, BatchCosts, BatchQueues
from vprog.execute.calls_elsewhere import CallsElsewhere
from vprog.execute.claims import Claims
from vprog.execute.host_task import HostTask, LeftBehindError, Pending
from vprog.execute.loaded_modules import LoadedModules
from vprog.execute.module_faults import is_out_of_memory, module_error
from vprog.execute.module_work import Done, GuessFailedError, Work
from vprog.registry.call_context import make_current
from vprog.registry.module import Call, ModuleInstance, ModuleSpec


def _elsewhere_stage() -> str:
    return ", which another process is at work on,"


class CallTask(Pending[Done]):
    """A call that is queued, at work, or joined to an equal one."""

    def __init__(self, work: Work, *, is_guess: bool, when_left: Callable[[CallTask], None]):
        super().__init__()
        self.work = work
        self._left_by = when_left
        self.was_guess = is_guess
        self.is_guess = is_guess
        """Whether no program waits for it yet."""
        self.is_counted = False
        """Among those that a program waits for."""
        self.joined: list[CallTask] = []
        """Equal calls that get its result."""
        self.leader: CallTask | None = None
        self.batch: _Running | None = None
        self.stage: Callable[[], str] = str
        self.place = contextvars.copy_context()

    @property
    def key(self) -> str:
        """Equal for equal work."""
        return self.work.key

    @property
    def gave_true(self) -> bool:
        """Whether it is over, and gave what a program takes as true."""
        return self._result is not None and bool(self._result.value)

    def _was_left(self) -> None:
        self._left_by(self)

    def who(self) -> str:
        """The culprit, where the call does not come back; and what it was at if not its work."""
        return f'module "{self.work.spec.name}"{(self.leader or self).stage()}'


class Scheduler(Protocol):
    """Runs module calls for any number of live programs."""

    def program_begins(self) -> None:
        """One more program may make calls."""

    def program_ends(self) -> None:
        """One program less."""

    @property
    def n_live(self) -> int:
        """Programs that may make calls now."""

    def saves(self, spec: ModuleSpec) -> float:
        """Seconds that a call of a module saves in a batch; infinite where nothing was measured."""

    def submit(self, work: Work, *, is_guess: bool = False) -> CallTask:
        """Take one call; its result, or what the module or its loading raised, comes later."""

    def submit_all(self, works: Sequence[Work]) -> list[CallTask]:
        """Take several calls at once: what fits into one batch goes in one."""

    def demand(self, call: CallTask) -> None:
        """A program waits for what was submitted as a guess."""

    def discard(self, call: CallTask) -> None:
        """Nobody will wait for a guess: it does not run unless it has begun."""

    def close(self) -> None:
        """Take no more calls."""


class _Running(msgspec.Struct, eq=False):
    """A batch at work; its calls are those that nobody left."""

    spec: ModuleSpec
    lane: Hashable
    calls: list[CallTask]
    stage: str = ""
    holds_instance: bool = False
    task: HostTask[None] | None = None
    is_freed: bool = False
    """Whether its lane is no longer its own."""
    open: set[CallTask] = msgspec.field(default_factory=set)


class BatchScheduler:
    """Runs calls by the rule of batch_queues.py."""

    def __init__(
        self,
        loaded_modules: LoadedModules,
        *,
        claims: Claims | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing runs before the first call.

        Args:
            loaded_modules: the loaded modules.
            claims: shared with the other processes on the cache; None where there are none.
            clock: seconds, from any point on.
        """
        self._loaded_modules = loaded_modules
        self._clock = clock
        self._elsewhere: CallsElsewhere[CallTask] = CallsElsewhere(
            claims, self._came_back, _is_known
        )
        self._lock = threading.Lock()
        """Of all below; never held while a module works or a call is finished."""
        self._changed = threading.Condition(self._lock)
        self._queues: BatchQueues[CallTask] = BatchQueues()
        self._in_flight: dict[str, CallTask] = {}
        self._costs = BatchCosts()
        self._batches = 0
        self._watcher: threading.Thread | None = None
        self._is_closed = False

    @property
    def batches(self) -> int:
        """How many times a module was started."""
        return self._batches

    @property
    def n_live(self) -> int:
        return self._queues.n_live

    def saves(self, spec: ModuleSpec) -> float:
        return self._costs.saves(spec.name)

    def program_begins(self) -> None:
        with self._lock:
            self._queues.n_live += 1

    def program_ends(self) -> None:
        with self._lock:
            self._queues.n_live -= 1
            started = self._due()
        self._start(started)

    def submit(self, work: Work, *, is_guess: bool = False) -> CallTask:
        """Take one call; it may be left behind, and then holds nobody else up."""
        return self._submit([work], is_guess=is_guess)[0]

    def submit_all(self, works: Sequence[Work]) -> list[CallTask]:
        return self._submit(works, is_guess=False)

    def _submit(self, works: Sequence[Work], *, is_guess: bool) -> list[CallTask]:
        calls = [CallTask(work, is_guess=is_guess, when_left=self._leave) for work in works]
        self._take_all(calls)
        return calls

    def demand(self, call: CallTask) -> None:
        with self._lock:
            if not call.is_over and call.is_guess:
                call.is_guess = False
                self._count(call, is_waiting=True)
                self._queues.demand(call.leader or call, self._clock())
            started = self._due()
        self._start(started)

    def discard(self, call: CallTask) -> None:
        with self._lock:
            if call.leader is not None and call in call.leader.joined:
                call.leader.joined.remove(call)
            elif not call.joined and (self._queues.remove(call) or self._elsewhere.drop(call)):
                self._in_flight.pop(call.work.key, None)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._changed.notify_all()

    def _due(self) -> list[_Running]:
        """After a change, under its lock: what is to be started; watch for what will be due."""
        started = [self._begin(batch) for batch in self._queues.due(self._clock())]
        if self._queues.due_at() is not None:
            self._watch()
        return started

    def _start(self, started: Sequence[_Running]) -> None:
        """Start what is due, without the lock."""
        for running in started:
            running.task = HostTask(partial(self._run, running))

    def _watch(self) -> None:
        """Have a thread look again when a grace ends; under the lock."""
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(
                target=self._look_again, name="vprog-scheduler", daemon=True
            )
            self._watcher.start()
        self._changed.notify_all()

    def _look_again(self) -> None:
        while not self._is_closed:
            with self._lock:
                due_at = self._queues.due_at()
                left = None if due_at is None else due_at - self._clock()
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                started = self._due()
            self._start(started)

    def _take_all(self, calls: Sequence[CallTask]) -> None:
        """Take calls at once: what fits into one batch goes in one."""
        started: list[_Running] = []
        with self._lock:
            for call in calls:
                if not call.is_left:
                    self._take(call, started)
            started += self._due()
        self._start(started)

    def _take(self, call: CallTask, started: list[_Running]) -> None:
        """Join a call to an equal one, queue it, or start it."""
        self._count(call, is_waiting=not call.is_guess)
        work = call.work
        other = self._in_flight.get(work.key)
        if other is not None and other is not call:  # else it waited for another process
            other.joined.append(call)
            call.leader = other
            if not call.is_guess:
                self._queues.demand(other, self._clock())
            return
        call.leader = None
        self._in_flight[work.key] = call
        if work.spec.parallel:
            started.append(self._begin(Batch(work.spec.name, None, (call,))))
            return
        call.stage = lambda: self._waits_for(call)
        self._queues.add(
            call,
            module=work.spec.name,
            lane=self._lane(work.spec),
            size=work.spec.batch_size if work.spec.has_batch else 1,
            owner=work.owner,
            now=self._clock(),
            is_guess=call.is_guess,
        )

    def _count(self, call: CallTask, *, is_waiting: bool) -> None:
        if call.is_counted is not is_waiting:
            call.is_counted = is_waiting
            self._queues.n_waiting += 1 if is_waiting else -1

    def _lane(self, spec: ModuleSpec) -> Hashable:
        """An accelerator does one thing at a time, and so does an instance.

        A device is taken before loading: who waits for it holds none of its memory.
        """
        is_on_device = spec.memory_mb > 0 and self._loaded_modules.device != "cpu"
        return self._loaded_modules.device if is_on_device else spec.name

    def _waits_for(self, call: CallTask) -> str:
        with self._lock:
            holder = self._queues.holder_before(call)
        return f', which waited for "{holder}", busy with an earlier call,' if holder else ""

    def _begin(self, batch: Batch[CallTask]) -> _Running:
        spec = batch.items[0].work.spec
        running = _Running(spec, batch.lane, list(batch.items), open=set(batch.items))
        for call in batch.items:
            call.batch = running
            call.stage = lambda: running.stage
        return running

    # A batch at work, in a thread of its own

    def _run(self, running: _Running) -> None:
        spec = running.spec
        keys = [call.key for call in running.calls]
        try:
            self._send_away(running)
            # After claiming: whoever had the claim before has written what came of it.
            is_near = not self._elsewhere.is_claimed(spec.name)
            running.calls = [
                call for call in running.calls if not self._was_known(call, is_near=is_near)
            ]
            if not running.calls:
                return
            running.stage, running.holds_instance = ", which was being loaded,", True
            with self._loaded_modules.hold(
                spec, warn=lambda text: _tell(running.calls, text)
            ) as instance:
                running.stage, running.holds_instance = "", not spec.parallel
                with self._lock:
                    self._batches += 1
                    number = self._batches
                self._compute(running, instance, list(running.calls), number)
        except BaseException as error:  # Ctrl-C comes to the main thread, never to this one
            for call in running.calls:
                self._failed(call, error)
            if isinstance(error, LeftBehindError):
                raise
        finally:
            self._elsewhere.release(keys)
            self._free(running)
            running.calls = []  # which hold it: nothing is left for the garbage collector

    def _send_away(self, running: _Running) -> None:
        """Take the calls out that other processes are at work on."""
        away = self._elsewhere.claim(running.spec.name, running.calls)
        if not away:
            return
        with self._lock:
            running.calls = [call for call in running.calls if call not in away]
            running.open -= away
            away = {call for call in away if not (call.is_over or call.is_left)}
            for call in away:
                call.batch, call.stage = None, _elsewhere_stage
        self._elsewhere.wait_for(list(away))

    def _came_back(self, call: CallTask) -> None:
        """A call that another process was at work on: its result is known, or it is done here."""
        if call.is_over or call.is_left or self._was_known(call):
            return
        started: list[_Running] = []
        with self._lock:
            if not call.is_left and self._in_flight.get(call.work.key) is call:
                self._take(call, started)
            started += self._due()
        self._start(started)

    def _was_known(self, call: CallTask, *, is_near: bool = False) -> bool:
        """End a call whose equal was still in flight when it was made, and is over now."""
        try:
            known = call.work.known(is_near=is_near)
        except BaseException as error:
            self._failed(call, error)
            return True
        if known is not None:
            others = self._closed(call)
            call.batch = None  # nothing is computed for it
            for over in (*others, call):
                over.finish(known)
        return known is not None

    def _compute(
        self, running: _Running, instance: ModuleInstance, calls: Sequence[CallTask], number: int
    ) -> None:
        """Do calls together; where that fails, in halves or one by one."""
        calls = [call for call in calls if call in running.open]
        if not calls:
            return
        if len(calls) == 1:
            self._compute_one(instance, calls[0], number)
            return
        spec = running.spec
        began = time.perf_counter()
        try:
            values = cast(Any, instance).batch([call.work.call for call in calls])
            if not isinstance(values, list | tuple) or len(values) != len(calls):
                raise ModuleFailedError(f'batch() of "{spec.name}" gave no result for each call.')
        except LeftBehindError:
            raise
        except BaseException as error:
            if is_out_of_memory(error):
                with self._lock:
                    size = self._queues.halve(spec.name, len(calls))
                text = f"{spec.name}: out of memory at a batch of {len(calls)}; at most {size} now"
                _tell(calls, text)
                parts: list[Sequence[CallTask]] = [
                    calls[at : at + size] for at in range(0, len(calls), size)
                ]
            else:
                parts = [[call] for call in calls]
            del error  # with the frames that hold the memory
        else:
            seconds = time.perf_counter() - began
            self._costs.took(spec.name, len(calls), seconds)
            share = seconds / len(calls)
            if len(calls) == len(running.calls):
                self._hand_on(running)
            for call, value in zip(calls, values, strict=True):
                self._succeeded(call, value, share, number)
            return
        for part in parts:
            self._compute(running, instance, part, number)

    def _hand_on(self, running: _Running) -> None:
        """The module's part is done: the next batch starts before these results are read."""
        running.holds_instance = False
        with self._lock:
            for call in running.calls:
                for over in (call, *call.joined):
                    self._count(over, is_waiting=False)
        self._free(running)

    def _compute_one(self, instance: ModuleInstance, call: CallTask, number: int) -> None:
        began = time.perf_counter()  # loading is not the call's time
        try:
            value = call.place.run(_called, instance, call.work.call)
        except LeftBehindError:
            raise
        except BaseException as error:
            self._failed(call, error)
        else:
            seconds = time.perf_counter() - began
            self._costs.took(call.work.spec.name, 1, seconds)
            self._succeeded(call, value, seconds, number)

    def _succeeded(self, call: CallTask, value: object, seconds: float, number: int) -> None:
        context = call.work.call.context
        self._elsewhere.took(call.work.spec.name, seconds)
        try:
            done = Done(
                call.work.read(value),
                seconds,
                is_joined=False,
                frames_decoded=context.frames_decoded,
                notes=tuple(context.notes),
                seen=context.seen,
                is_degraded=context.is_degraded,
                batch=number,
                masks=dict(context.masks),
            )
            if not call.is_left:
                done = call.work.keep(done)
        except BaseException as error:
            self._failed(call, error)
            return
        # What damage looks like hangs on what was read before, and whose run it was is told of it.
        strangers: list[CallTask] = []
        for other in self._closed(call):
            if done.is_degraded and other.work.owner != call.work.owner:
                strangers.append(other)
            else:
                other.finish(replace(done, is_joined=True, frames_decoded=0, is_kept=False))
        call.finish(done)
        self._anew(strangers)

    def _failed(self, call: CallTask, error: BaseException) -> None:
        """A failure is the call's own (its budget, its file): who joined attempts it anew."""
        if call.is_over or isinstance(error, LeftBehindError):
            return
        spec, context = call.work.spec, call.work.call.context
        told = GuessFailedError() if call.was_guess else _told(spec, error, context)
        others = self._closed(call)
        call.finish(error=told)
        self._anew(others)

    def _closed(self, call: CallTask) -> list[CallTask]:
        """A call is over: take it out of what is in flight, and give those that joined it."""
        with self._lock:
            if self._in_flight.get(call.work.key) is call:
                del self._in_flight[call.work.key]
            if call.batch is not None:
                call.batch.open.discard(call)
            joined, call.joined = call.joined, []
            for over in (call, *joined):
                self._count(over, is_waiting=False)
            return joined

    def _anew(self, calls: Sequence[CallTask]) -> None:
        """Calls whose leader came to nothing."""
        if calls:
            self._take_all(calls)

    def _leave(self, call: CallTask) -> None:
        """The call does not come back in time: whoever joined, or comes next, starts anew."""
        with self._lock:
            self._count(call, is_waiting=False)
            if call.leader is not None and call in call.leader.joined:
                call.leader.joined.remove(call)
                return
            is_queued = self._queues.remove(call)
        self._elsewhere.release([call.key])  # others need not wait for what may never end
        others = self._closed(call)
        running = call.batch
        if not is_queued and running is not None and not running.open:
            self._leave_batch(running)
        self._anew(others)

    def _leave_batch(self, running: _Running) -> None:
        """Nobody waits for any of its calls."""
        if running.task is not None:
            running.task.leave()
        if running.holds_instance:
            self._loaded_modules.forget(running.spec)
        if running.lane == running.spec.name:  # a device stays busy; a fresh instance is free
            self._free(running)

    def _free(self, running: _Running) -> None:
        """Let the next batch have the lane."""
        with self._lock:
            if not running.is_freed and running.lane is not None:
                self._queues.freed(running.lane, self._clock())
            running.is_freed = True
            started = self._due()
        self._start(started)


def _called(instance: ModuleInstance, call: Call) -> object:
    """What a module gives; in a context of variables that ends with the call."""
    make_current(call.context)
    return instance(**call.arguments)


def _is_known(call: CallTask) -> bool:
    """Whether its result lies in the cache, or looking for it fails: then it need not wait."""
    try:
        return call.work.known() is not None
    except Exception:
        return True


def _told(spec: ModuleSpec, error: BaseException, context: Any) -> VprogError:
    told: VprogError
    try:
        told = module_error(spec, error, context)
    except VprogError as over:  # the budget's own word
        told = over
    told.__cause__ = told.__cause__ or error
    return told


def _tell(calls: Sequence[CallTask], text: str) -> None:
    for call in calls:
        call.work.call.context.tell(text)
