"""The executors of one search: as many as its threads need at once, and none kept for nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vprog.execute.executor import Executor
from vprog.runs.run import Run


class Executors:
    """Lends executors to threads; the question's own is the first."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._idle: list[Executor] = [run.executor]
        self._out: list[Executor] = []
        self._others: list[Executor] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[Executor]:
        """An executor for the length of a block.

        Afterwards it keeps its sandbox for the cell that goes on from here, unless others are
        at work: they may be waiting for a sandbox, and there are only so many.
        """
        executor = self._take()
        try:
            yield executor
        finally:
            with self._lock:
                self._out.remove(executor)
                is_alone = not self._out
            if not is_alone:
                executor.close()
            with self._lock:
                self._idle.append(executor)

    def stop(self) -> None:
        """Stop the cells that run now; from any thread."""
        with self._lock:
            out = list(self._out)
        for each in out:
            each.stop()

    def close(self) -> None:
        """Let the workers go that only this search used."""
        for other in self._others:
            other.close()

    def _take(self) -> Executor:
        run = self._run
        with self._lock:
            if self._idle:
                executor = self._idle.pop()
            else:
                executor = Executor(run.runtime, run.broker, question=run.text, choices=run.choices)
                self._others.append(executor)
            self._out.append(executor)
            return executor
