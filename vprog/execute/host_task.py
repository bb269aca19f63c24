"""Work of the host in a thread of its own, so that whoever waits for it can leave it behind.

Python cannot end a thread. A task that is left behind runs on in a daemon thread that no end of
the process waits for; what it comes to reaches nobody. Work in Python is ended by an exception
at its next line; C code that never lets go of the interpreter lock holds everything up.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar, cast

_Result = TypeVar("_Result")

_STATEFUL = (
    "vprog.media", "vprog.models", "vprog.trace", "vprog.execute.result_cache",
    "vprog.execute.claims", "vprog.execute.loaded_modules", "vprog.sandbox.pool",
    "vprog.sandbox.type_check",
)  # fmt: skip
"""Shared by runs: their work goes on to its end, and a module's next look at its time ends it."""

_ENDS_BY_ITSELF = "vprog.execute.scheduler"
"""Its own lines are never amid long work, and may hold its lock."""


class LeftBehindError(BaseException):
    """Ends the Python code of a task that nobody waits for any more."""


class Pending(Generic[_Result]):
    """A result that is waited for, and may be left behind; somebody else comes up with it.

    Args:
        when_left: called once where it is left behind, by who leaves it.
    """

    def __init__(self, when_left: Callable[[], None] | None = None) -> None:
        self._when_left = when_left
        self._lock = threading.RLock()
        self._latch = threading.Lock()
        """Held until nobody need wait; who waits for it passes it on. A condition costs ten times
        as much, and every call is waited for."""
        self._latch.acquire()
        self._result: _Result | None = None
        self._error: BaseException | None = None
        self._is_open = False
        self.is_over = False
        self.is_left = False

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until it is over, `wake` is called or the time has passed; is it over?"""
        if not self.is_over and self._latch.acquire(
            timeout=-1 if timeout_s is None else max(0.0, timeout_s)
        ):
            self._latch.release()
        return self.is_over

    def wake(self) -> None:
        """End every `wait` now; from any thread."""
        with self._lock:
            self._open()

    def result(self, timeout_s: float | None = None) -> _Result:
        """What was come up with, or is raised.

        Raises:
            TimeoutError: it was not over in time.
        """
        if not (self.is_over or self.wait(timeout_s)):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return cast(_Result, self._result)

    def leave(self) -> None:
        """Wait no more, whatever comes: does nothing where it is over."""
        with self._lock:
            if self.is_over or self.is_left:
                return
            self.is_left = True
            self._let_go()
        self._was_left()

    def finish(self, result: _Result | None = None, error: BaseException | None = None) -> None:
        """Give who waits the result, or what to raise; the first time counts."""
        with self._lock:
            if not self.is_over:
                self._result, self._error, self.is_over = result, error, True
                self._open()

    def _open(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._latch.release()

    def _let_go(self) -> None:
        """Nobody waits any more; called once, under the lock."""

    def _was_left(self) -> None:
        """The same, once the lock is free."""
        if self._when_left is not None:
            self._when_left()


class HostTask(Pending[_Result]):
    """Work that began in a thread of its own, in the context of who made it.

    Args:
        work: what to do; whatever it raises is raised by `result`.
        when_left: as of `Pending`.
    """

    def __init__(
        self, work: Callable[[], _Result], *, when_left: Callable[[], None] | None = None
    ) -> None:
        super().__init__(when_left)
        self._work = work
        self._context = contextvars.copy_context()
        self._thread = 0
        _take_worker().inbox.put(self)

    def run(self) -> None:
        """Do the work; for the worker that took it."""
        try:
            with self._lock:
                self._thread = threading.get_ident()
                if self.is_left:  # before it began
                    raise LeftBehindError
            result = self._context.run(self._work)
            self._end(result, None)
        except BaseException as error:  # also what `leave` sent, however late it comes
            self._end(None, error)
        del self._work  # it may hold this task

    def _end(self, result: _Result | None, error: BaseException | None) -> None:
        self.finish(result, error)
        if self.is_left:
            _left.discard(self)

    def _let_go(self) -> None:
        _left.add(self)
        _interrupt(self._thread)


class _Worker(threading.Thread):
    """Does one task after the other; ends with one that was left behind."""

    def __init__(self) -> None:
        super().__init__(name="vprog-host", daemon=True)
        self.inbox: SimpleQueue[HostTask[Any]] = SimpleQueue()
        self.start()

    def run(self) -> None:
        while True:
            task = self.inbox.get()
            task.run()
            if task.is_left:  # what was sent to end it may still be on its way to this thread
                return
            del task
            _idle.append(self)


_idle: list[_Worker] = []
_left: set[HostTask[Any]] = set()


def _forget_workers() -> None:
    """Threads do not live on in a forked child."""
    _idle.clear()
    _left.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)


def any_left_behind() -> bool:
    """Whether a task that was left behind is still at work."""
    return bool(_left)


def _take_worker() -> _Worker:
    try:
        return _idle.pop()
    except IndexError:
        return _Worker()


def _interrupt(thread: int) -> None:
    """Raise LeftBehindError in a thread of Python, unless it is amid what runs share."""
    frame = sys._current_frames().get(thread)
    inner = frame
    while inner is not None and inner.f_globals.get("__name__") in ("threading", "contextlib"):
        inner = inner.f_back
    if inner is not None and inner.f_globals.get("__name__") == _ENDS_BY_ITSELF:
        return
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(_STATEFUL):
            return
        frame = frame.f_back
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(LeftBehindError)
    )
