"""One question worked on by a strategy: it asks the model, runs cells, keeps every attempt.

Strategies share this one `run_cell`: a cell goes on from any earlier attempt, gets a node of its
own in the trace, and never runs twice after the same cells. Budget, counts and trace are the
run's.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vprog.errors import AbstainedError, LlmReplyError, VprogError
from vprog.llm.language_model import LanguageModel
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.runs.attempt import Attempt, node_evaluated, start_at, unwritten
from vprog.runs.attempt_votes import count_attempts
from vprog.runs.cell_runner import CellRunner
from vprog.runs.result import Result
from vprog.runs.run import Run
from vprog.runs.run_models import Writer
from vprog.runs.score import Score
from vprog.trace.event import NodeChosen, ProgramRefused
from vprog.trace.recorder import at_node

PATH = "slow"
ROOT = start_at()


class Workspace:
    """The attempts of one question; may be used by several threads at once."""

    def __init__(self, run: Run, model: LanguageModel | None) -> None:
        """Start with no attempt.

        Args:
            run: the question.
            model: what writes programs; None for the rules, or where nothing writes any.
        """
        self.run = run
        self.settings = run.settings
        """How far strategies may go; the run's budget ends them all the same."""
        self.writer = Writer(run, model)
        self.attempts: list[Attempt] = []
        """In the order in which they began."""
        self.path = PATH
        """What the result says of how it was answered; a strategy may say otherwise."""
        self.shares: dict[int, float | None] = {}
        """By the node whose answer stands for a group of equal ones, its share of the weight."""
        self.reliabilities: dict[int, float] = {}
        """By node, how reliable what its evidence comes from is, where that was estimated."""
        self._cells = CellRunner(run)
        self._lock = threading.Lock()
        run.on_cancel(self._cancel)

    @property
    def start(self) -> Attempt:
        """Where the first cells go on from."""
        return self._cells.start

    def new_node(self) -> int:
        """A number for an attempt; threads that run side by side get theirs before they begin."""
        return self._cells.new_node()

    def run_cell(
        self,
        parent: Attempt,
        source: str | Program,
        *,
        note: str = "",
        writer: str = "",
        node: int = 0,
    ) -> Attempt:
        """Run a cell after an earlier attempt; what ran there before is not run again.

        Args:
            parent: the attempt before it.
            source: the cell.
            note: what the trace says beside it.
            writer: who wrote it, where that is not the model.
            node: the number of the attempt, from `new_node`; 0 for the next one.

        Raises:
            MissingError, DiskFullError, TraceError: what no program can mend.
        """
        return self._cells.run(
            parent,
            Program.of(source),
            note=note,
            writer=writer or self.writer.name,
            is_whole=False,
            node=node,
            done=self._add,
        )

    def run_whole(self, source: str | Program, *, note: str = "", writer: str = "") -> Attempt:
        """Run a program of one cell; one that ends without an answer has failed.

        Args:
            source, note, writer: as for `run_cell`.

        Raises:
            As `run_cell`.
        """
        return self._cells.run(
            ROOT,
            Program.of(source),
            note=note,
            writer=writer or self.writer.name,
            is_whole=True,
            node=0,
            done=self._add,
        )

    def refuse(
        self, parent: Attempt, error: VprogError, *, source: str | Program = "", node: int = 0
    ) -> Attempt:
        """An attempt that failed before any check: no code, or a cell of the wrong form."""
        node = node or self.new_node()
        problems = (Problem(error.line or 0, str(error)),)
        program = Program.of(source)
        attempt = unwritten(node, parent, program, error, problems)
        with at_node(node):
            if program.text:
                self._cells.write_source(attempt, writer=self.writer.name)
            check = "extraction" if isinstance(error, LlmReplyError) else "form"
            self.run.recorder.write(
                ProgramRefused(cell=attempt.cell, check=check, problems=[(None, str(error))])
            )
            self.run.recorder.write(node_evaluated(attempt))
        self._add(attempt)
        return attempt

    def vote(
        self, attempts: Sequence[Attempt], weights: Mapping[int, float] | None = None
    ) -> Attempt | None:
        """The answer with the most weight, by the attempt best at it; None of none.

        `weights` are by node, where an answer is not worth what its attempt is.
        """
        counted = count_attempts(attempts, weights)
        if counted is None:
            return None
        self.run.recorder.write(counted.event)
        self.shares |= counted.shares
        return counted.winner

    def score(self, attempt: Attempt, path: str) -> Score:
        """The score that an answer has as the result of the question."""
        return self.run.score_of(
            attempt.outcome,
            path=path,
            votes=self.shares.get(attempt.node),
            reliability=self.reliabilities.get(attempt.node),
        )

    def result(self, attempt: Attempt, *, path: str | None = None, reading: str = "") -> Result:
        """The run's result from one of its attempts; ends the trace."""
        self._choose(attempt)
        joined = Program.join(attempt.cells)
        outcome = attempt.outcome
        if outcome.line is not None:
            outcome = replace(outcome, line=joined.line_of(outcome.cell, outcome.line))
        return self.run.result_of(
            outcome,
            path=path or self.path,
            program=joined.text,
            reading=reading,
            votes=self.shares.get(attempt.node),
            reliability=self.reliabilities.get(attempt.node),
        )

    def ended_by(self, error: VprogError) -> Result:
        """The run's result where an error left no attempt to answer from; ends the trace."""
        last = self.attempts[-1] if self.attempts else None
        program = None
        if last is not None:
            self._choose(last)
            program = Program.join(last.cells).text or None
        if isinstance(error, AbstainedError):
            return self.run.abstained(error, path=self.path, program=program)
        return self.run.failed(error, path=self.path, program=program, line=error.line)

    def stop(self) -> None:
        """End what other threads do for this question: requests, cells, module calls."""
        self.run.budget.stop()
        self._cancel()

    def close(self) -> None:
        """Let the workers go that only this question used."""
        self._cells.close()
        self.writer.close()

    def _cancel(self) -> None:
        self.writer.cancel()
        self._cells.stop()

    def _add(self, attempt: Attempt) -> None:
        with self._lock:
            self.attempts.append(attempt)
            self.attempts.sort(key=lambda attempt: attempt.node)

    def _choose(self, attempt: Attempt) -> None:
        with at_node(attempt.node):
            self.run.recorder.write(NodeChosen(path=list(attempt.nodes)))
        self.run.broker.pictures.follow(attempt.nodes)
