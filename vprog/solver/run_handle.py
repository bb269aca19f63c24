"""A question that is being answered in a thread of its own: its events, its end, its result."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from vprog.errors import VprogError
from vprog.runs.result import Result, interrupted_result
from vprog.runs.run import Run
from vprog.trace.event import TraceEvent

GRACE_S = 0.5
"""What a run has to end by itself once it is cancelled; then it is ended where it stands."""

Answer = Callable[[Callable[[TraceEvent], None], Callable[[Run], None]], Result]
"""Answers the question: takes a listener to its events, and who wants the run once it is open."""


class RunHandle:
    """A run that goes on while you do something else. Made by `vprog.start`.

    Its methods may be called from any thread. `for event in handle.events()` follows it, and so
    does `async for event in handle`; `handle.result()` and `await handle` wait for its result.

    Example:
        >>> handle = vprog.start("kitchen.mp4", "How many people are there?")
        >>> for event in handle.events():
        ...     print(type(event).__name__)
        RunStarted
        ...
        RunEnded
        >>> handle.result().answer
        2
    """

    def __init__(self, answer: Answer) -> None:
        """Start to answer; the thread is the process's to leave."""
        self._events: list[TraceEvent] = []
        self._run: Run | None = None
        self._is_cancelled = False
        self._is_over = False
        self._changed = threading.Condition()
        self._wakers: list[Callable[[], None]] = []
        self._future: Future[Result] = Future()
        self._future.set_running_or_notify_cancel()  # whoever awaits it cannot cancel it alone
        self._thread = threading.Thread(target=self._work, args=(answer,), daemon=True)
        self._thread.start()

    def events(self) -> Iterator[TraceEvent]:
        """The events of its trace from the first on, each as it happens; ends with the run.

        Every call gives an iterator of its own. What ends the run with an exception, `result`
        raises.
        """
        number = 0
        while True:
            with self._changed:
                while number >= len(self._events) and not self._is_over:
                    self._changed.wait()
                fresh = self._events[number:]
            if not fresh:
                return
            yield from fresh
            number += len(fresh)

    def so_far(self) -> tuple[TraceEvent, ...]:
        """The events that there are by now."""
        with self._changed:
            return tuple(self._events)

    def cancel(self) -> None:
        """End the run; it is over within about a second, and its result is `interrupted`.

        Its trace is complete then. A module call that cannot be stopped goes on unheard, and
        the modules and files that it holds are let go of when it is over. Does nothing where
        the run is over.
        """
        threading.Thread(target=self.stop, daemon=True).start()

    def stop(self) -> None:
        """The same, and wait for the end."""
        with self._changed:
            self._is_cancelled = True
            run = self._run
        if self.done():
            return
        if run is not None:
            run.cancel()
        self._thread.join(GRACE_S)
        if not self.done():
            self._finish(self._ended_where_it_stands())

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the result.

        Args:
            timeout: seconds; None waits as long as it takes.

        Raises:
            TimeoutError: the run is not over by then, and goes on.
            VprogError: as `vprog.solve`.
        """
        return self._future.result(timeout)

    def done(self) -> bool:
        """Whether the run is over."""
        return self._future.done()

    def __await__(self) -> Generator[Any, None, Result]:
        """The result. Cancelling the task that awaits it cancels the run."""
        return self._awaited().__await__()

    def __aiter__(self) -> AsyncIterator[TraceEvent]:
        """The same as `events`, in an event loop."""
        return self._followed()

    def _work(self, answer: Answer) -> None:
        try:
            result = answer(self._hear, self._opened)
        except BaseException as error:
            self._finish(error)  # whoever waits for the result raises it
        else:
            self._finish(result)

    def _hear(self, event: TraceEvent) -> None:
        with self._changed:
            if not self._is_over:
                self._events.append(event)
                self._tell()

    def _opened(self, run: Run) -> None:
        with self._changed:
            self._run = run
            is_cancelled = self._is_cancelled
        if is_cancelled:
            run.cancel()

    def _ended_where_it_stands(self) -> Result:
        """The result of a run that does not come to its end; without a trace if none is open."""
        result = interrupted_result()
        if self._run is None:
            return result
        try:
            return self._run.end(result)
        except VprogError:  # the disk is full, and the trace ends before its end
            return result

    def _finish(self, outcome: Result | BaseException) -> None:
        """The first outcome counts."""
        with self._changed:
            if self._is_over:
                return
            self._is_over = True
            if isinstance(outcome, BaseException):
                self._future.set_exception(outcome)
            else:
                self._future.set_result(outcome)
            self._tell()

    def _tell(self) -> None:
        """Wake all who follow the events."""
        self._changed.notify_all()
        for wake in self._wakers:
            wake()

    async def _awaited(self) -> Result:
        import asyncio

        try:
            return await asyncio.wrap_future(self._future)
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def _followed(self) -> AsyncIterator[TraceEvent]:
        import asyncio

        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # that loop is closed: nobody waits
                loop.call_soon_threadsafe(news.set)

        with self._changed:
            self._wakers.append(wake)
        try:
            number = 0
            while True:
                with self._changed:
                    news.clear()
                    fresh, is_over = self._events[number:], self._is_over
                for event in fresh:
                    yield event
                number += len(fresh)
                if is_over:
                    return
                await news.wait()
        finally:
            with self._changed:
                self._wakers.remove(wake)
