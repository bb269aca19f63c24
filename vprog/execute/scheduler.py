"""Who runs a module call, and when.

`Scheduler` is what the broker sees. `PlainScheduler` runs each call at once in the
caller's thread and joins identical calls in flight. One that
groups the calls of several programs into batches fits behind the same protocol: that is
why a call comes with its key, and why programs say when they begin and end.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from vprog.errors import ModuleFailedError, VprogError
from vprog.execute.residency import Residency
from vprog.registry.call_context import using
from vprog.registry.module import Call, ModuleSpec


@dataclass(frozen=True)
class Work:
    """One module call that has to be done."""

    spec: ModuleSpec
    call: Call
    key: str


@dataclass(frozen=True)
class Done:
    """What came of it."""

    value: object
    seconds: float
    is_joined: bool
    frames_decoded: int


class Scheduler(Protocol):
    """Runs module calls for any number of live programs."""

    def program_begins(self) -> None:
        """One more program may make calls."""

    def program_ends(self) -> None:
        """One program less."""

    def submit(self, work: Work) -> Future[Done]:
        """Take one call; its result, or what the module or its loading raised, comes later.

        Raises:
            VprogError: as the future, where the call was run at once.
        """

    @property
    def batches(self) -> int:
        """How many times a module was started."""


class PlainScheduler:
    """Runs each call when it comes."""

    def __init__(self, residency: Residency) -> None:
        self._residency = residency
        self._lock = threading.Lock()
        self._turns: dict[object, threading.Lock] = {}
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

    def submit(self, work: Work) -> Future[Done]:
        """Run the call now, in the caller's thread: what ends that thread ends the call."""
        done: Future[Done] = Future()
        done.set_result(self._run(work))
        return done

    def _run(self, work: Work) -> Done:
        while True:
            with self._lock:
                other = self._in_flight.get(work.key)
                if other is None:
                    mine: Future[Done | None] = Future()
                    self._in_flight[work.key] = mine
            if other is None:
                return self._lead(work, mine)
            done = other.result()
            if done is not None:
                return Done(done.value, done.seconds, is_joined=True, frames_decoded=0)

    def _lead(self, work: Work, mine: Future[Done | None]) -> Done:
        """Run a call that others may have joined."""
        done: Done | None = None
        try:
            done = self._execute(work)
            return done
        finally:
            with self._lock:
                self._in_flight.pop(work.key, None)
            # A failure is the leader's own (its budget, its Ctrl-C, its file): whoever
            # joined gets None and tries for itself.
            mine.set_result(done)

    def _execute(self, work: Work) -> Done:
        context = work.call.context
        try:
            with (
                self._device_turn(work.spec),
                self._residency.hold(work.spec, warn=context.warn) as instance,
                self._turn(work.spec, instance),
                using(context),
            ):
                with self._lock:
                    self._batches += 1
                began = time.perf_counter()  # loading is not the call's time
                value = instance(**work.call.arguments)
        except VprogError:
            raise
        except Exception as error:
            raise ModuleFailedError(
                f'module "{work.spec.name}" failed: {type(error).__name__}: {error}.',
                hint="The trace has the call. This is a fault of the module, not of the program.",
            ) from error
        return Done(
            value,
            time.perf_counter() - began,
            is_joined=False,
            frames_decoded=context.frames_decoded,
        )

    def _device_turn(self, spec: ModuleSpec) -> AbstractContextManager[object]:
        """Taken before loading: who waits for a device holds none of its memory."""
        return self._lock_of(self._residency.device) if self._is_on_device(spec) else nullcontext()

    def _turn(self, spec: ModuleSpec, instance: object) -> AbstractContextManager[object]:
        if spec.parallel or self._is_on_device(spec):
            return nullcontext()
        return self._lock_of(id(instance))

    def _is_on_device(self, spec: ModuleSpec) -> bool:
        """Whether calls compute on an accelerator, which does one thing at a time."""
        return not spec.parallel and spec.memory_mb > 0 and self._residency.device != "cpu"

    def _lock_of(self, key: object) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(key, threading.Lock())
