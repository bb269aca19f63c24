"""Runs cells: each once after the same cells, in as many sandboxes as threads need at once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property
from typing import Generic, TypeVar

from vprog.execute.executor import Executor
from vprog.program.program import Program
from vprog.runs.attempt import Attempt, Watch, attempt_of, node_evaluated, start_at
from vprog.runs.run import Run
from vprog.trace.event import ProgramWritten
from vprog.trace.recorder import at_node

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CellRunner:
    """Gives every cell a node of its own in the trace; from several threads at once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._nodes = itertools.count(1)
        self._memo: Memo[tuple[int, bool, str], Attempt] = Memo()
        self._executors = ExecutorPool(run)

    @cached_property
    def start(self) -> Attempt:
        """Where the first cells go on from."""
        with self._executors.lend() as executor:
            return start_at(executor.begin())

    def new_node(self) -> int:
        """The number of a further attempt."""
        return next(self._nodes)

    def run(
        self,
        parent: Attempt,
        program: Program,
        *,
        note: str,
        writer: str,
        is_whole: bool,
        node: int,
        done: Callable[[Attempt], None],
    ) -> Attempt:
        """What came of a cell; one that ran after the same cells is not run again.

        Args:
            parent: the attempt that it goes on from.
            program: the cell.
            note: what the trace says beside it.
            writer: who wrote it.
            is_whole: whether it is a whole program, which must end in an answer.
            node: its number, from `new_node`; 0 for the next one.
            done: told of the attempt, if the cell is run now.
        """

        def work() -> Attempt:
            number, watch = node or self.new_node(), Watch()
            with self._executors.lend() as executor, at_node(number, watch):
                written = Attempt(number, parent.nodes, (*parent.cells, program), parent.outcome)
                if is_whole:
                    outcome = self._run.run_program(
                        program, writer=writer, note=note, executor=executor
                    )
                else:
                    self.write_source(written, note=note, writer=writer)
                    assert parent.state is not None, "only a cell that continues has a next one"
                    outcome = executor.run(parent.state, program)
                attempt = attempt_of(written, parent, outcome, watch, self._run.choices)
                self._run.recorder.write(node_evaluated(attempt))
            done(attempt)
            return attempt

        return self._memo.get((parent.node, is_whole, program.canonical), work)

    def write_source(self, attempt: Attempt, *, note: str = "", writer: str) -> None:
        """Put the cell of an attempt into the trace."""
        source = attempt.cells[-1].text
        self._run.recorder.write(
            ProgramWritten(cell=attempt.cell, source=source, writer=writer, note=note)
        )

    def stop(self) -> None:
        """Stop the cells that run now; from any thread."""
        self._executors.stop()

    def close(self) -> None:
        """Let the workers go that only this runner used."""
        self._executors.close()


class ExecutorPool:
    """Lends executors to threads; the run's own is the first."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._idle: list[Executor] = [run.executor]
        self._lent: list[Executor] = []
        self._others: list[Executor] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[Executor]:
        """An executor for the length of a block.

        Afterwards it keeps its sandbox for the cell that goes on from here, unless others are
        at work: they may be waiting for a sandbox, and there are only so many.
        """
        executor = self._take()
        try:
            yield executor
        finally:
            with self._lock:
                self._lent.remove(executor)
                is_alone = not self._lent
            if not is_alone:
                executor.close()
            with self._lock:
                self._idle.append(executor)

    def stop(self) -> None:
        """Stop the cells that run now; from any thread."""
        with self._lock:
            lent = list(self._lent)
        for executor in lent:
            executor.stop()

    def close(self) -> None:
        """Let the workers go that are not the run's own."""
        for executor in self._others:
            executor.close()

    def _take(self) -> Executor:
        run = self._run
        with self._lock:
            if self._idle:
                executor = self._idle.pop()
            else:
                executor = Executor(run.runtime, run.broker, question=run.text, choices=run.choices)
                self._others.append(executor)
            self._lent.append(executor)
            return executor


class Memo(Generic[K, V]):
    """Values by key, each computed once. `n_reused` counts how often one was there already."""

    def __init__(self) -> None:
        self._futures: dict[K, Future[V]] = {}
        self._lock = threading.Lock()
        self.n_reused = 0

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """The value of a key; computed where there is none.

        A thread that comes while another one computes it waits. What could not be computed is
        computed again for the next one who comes.

        Raises:
            BaseException: what `compute` raised, for who called it and for who waited.
        """
        with self._lock:
            future = self._futures.get(key)
            is_mine = future is None
            if future is None:
                future = self._futures[key] = Future()
            else:
                self.n_reused += 1
        if not is_mine:
            return future.result()
        try:
            value = compute()
        except BaseException as error:
            with self._lock:
                del self._futures[key]
            future.set_exception(error)
            raise
        future.set_result(value)
        return value
