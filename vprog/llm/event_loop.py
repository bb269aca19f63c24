"""An event loop in a thread of its own, for clients that wait on the network.

It gives a blocking call what sockets alone do not: one deadline for the whole call, an end
on Ctrl-C, and cancelling from another thread; also inside an event loop that runs already.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")

CHECK_S = 0.5
"""Where a wait for a lock cannot be interrupted (Windows), Ctrl-C is seen this often."""


class BackgroundLoop:
    """Runs coroutines for threads that wait for them. The thread starts with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: set[concurrent.futures.Future[Any]] = set()

    def run(self, work: Coroutine[Any, Any, _Result], timeout_s: float) -> _Result:
        """Wait for `work`.

        Raises:
            TimeoutError: it took longer than `timeout_s`.
            concurrent.futures.CancelledError: `cancel` or `close` was called.
        """
        with self._lock:
            loop = self._started()
            future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout_s), loop)
            self._running.add(future)
        try:
            while not future.done():
                concurrent.futures.wait([future], timeout=CHECK_S)
            return future.result()
        finally:
            future.cancel()  # after an interrupt; else without effect
            with self._lock:
                self._running.discard(future)

    def cancel(self) -> None:
        """End everything that runs."""
        with self._lock:
            running = tuple(self._running)
        for future in running:
            future.cancel()

    def close(self, last: Coroutine[Any, Any, None] | None = None) -> None:
        """Cancel what runs, run `last`, end the thread. A later `run` starts a new one."""
        self.cancel()
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            if last is not None:
                last.close()
            return
        if last is not None:
            asyncio.run_coroutine_threadsafe(last, loop).result(timeout=5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5.0)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_serve, args=(self._loop,), name=self._name, daemon=True
            )
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
