"""A recorded run done again as it was: every cell it tried, no model, no module, no video.

What came from outside is taken from the trace: the texts of the cells, what modules and
language models replied, which node was chosen, cells that the sandbox's clock ended. All else
is worked out again: checks, values, calls, answers, evidence, rewards, votes and the score.
vprog.trace.event says of each kind of event which of the two it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import msgspec

from vprog.errors import LimitError, TraceError, VprogError
from vprog.execute.answer_call import is_machine_end
from vprog.execute.cell_outcome import Outcome
from vprog.exit_status import Status
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.replays.recorded_run import RecordedRun
from vprog.runs.attempt import Attempt, Watch, attempt_of, node_evaluated, start_at
from vprog.runs.attempt_votes import count_attempts
from vprog.runs.reliability import evidence_reliability
from vprog.runs.result import ErrorInfo, Result
from vprog.runs.run import Run
from vprog.runs.stored_calibration import Grader
from vprog.trace.event import (
    Abstained,
    AnyEvent,
    CellFailed,
    ModuleCalled,
    NodeChosen,
    NodeEvaluated,
    ProgramRefused,
    ProgramWritten,
    ReliabilityRated,
    TraceEvent,
    Voted,
    Warned,
)
from vprog.trace.recorder import at_node


class RecordedGrader(Grader):
    """Gives the confidence that the recorded run gave: its calibration may be gone."""

    def __init__(self, recorded: RecordedRun) -> None:
        super().__init__(None, recorded.result.calibration)
        self._of = (recorded.result.path, recorded.result.score)
        self._confidence = recorded.result.confidence

    def confidence(self, path: str | None, score: float | None) -> float | None:
        """As recorded, where path and score are as recorded."""
        return self._confidence if (path, score) == self._of else None


def repeat(recorded: RecordedRun, run: Run) -> Result:
    """Do every cell of a run again, in the order in which they were tried.

    Raises:
        TraceError: the trace is not complete.
        VprogError: what no program can mend, and the recorded run did not meet.
    """
    run.grader = RecordedGrader(recorded)
    try:
        return _Repeat(recorded, run).result()
    except VprogError as error:
        with suppress(VprogError):  # what is wrong is told; its trace says so too, if it can
            run.failed(error, path=recorded.result.path or "")
        raise


class _Repeat:
    def __init__(self, recorded: RecordedRun, run: Run) -> None:
        self._recorded = recorded
        self._run = run
        self._events = recorded.recording.events
        self._evaluated = {
            event.node: event for event in self._events if isinstance(event, NodeEvaluated)
        }
        self._cells = cells_of(self._events)
        self._not_run = {cell.written.node for cell in self._cells if not cell.is_run} | {
            event.node for event in self._events if isinstance(event, ProgramRefused)
        } - {cell.written.node for cell in self._cells}
        self._warned = set(recorded.result.warnings)
        self._attempts: dict[int, Attempt] = {}
        self._shares: dict[int, float | None] = {}
        self._reliabilities: dict[int, float] = {}
        self._path: Sequence[int] = ()

    def result(self) -> Result:
        """Walk through the events, doing again what can be done and copying what came in."""
        cells = iter(self._cells)
        for event in self._events:
            if isinstance(event, ProgramWritten):
                self._again(next(cells))
            else:
                self._take(event)
        attempt = self._attempts.get(self._path[-1] if self._path else 0)
        end = self._end_of_run(attempt)
        if end is not None and self._recorded.result.status != "answered":
            return self._as_recorded(end)
        if attempt is None or attempt.outcome.status == "continues":
            raise TraceError(
                f"{self._recorded.name}: the end of the program that gave its result is missing.",
                hint="Replay a trace that is complete.",
            )
        return self._of_attempt(attempt)

    def _take(self, event: AnyEvent) -> None:
        match event:
            case ProgramRefused() | NodeEvaluated() if event.node in self._not_run:
                self._copy(event)
            case Warned() if event.text not in self._warned:
                self._copy(event)
            case Voted():
                self._vote(event)
            case ReliabilityRated():
                self._rate(event)
            case _ if event.at_replay == "copied":
                self._copy(event)
                if isinstance(event, NodeChosen):
                    self._path = event.path

    def _copy(self, event: AnyEvent) -> None:
        with at_node(event.node):
            self._run.recorder.write(event)

    def _again(self, cell: RecordedCell) -> None:
        """Do a cell again, unless it never came to an outcome."""
        node = cell.written.node
        if not cell.is_run:
            self._copy(cell.written)
        elif node and node not in self._evaluated:  # an error ended it and the strategy went on
            with at_node(node):
                self._run.recorder.write(cell.written)
                self._copy_work(cell)
        else:
            try:
                self._attempts[node] = self._run_cell(cell)
            except VprogError as error:
                ended = self._recorded.result.error
                if node or ended is None or error.code != ended.code:
                    raise
                # It ended the recorded question as well: see _end_of_run.

    def _run_cell(self, cell: RecordedCell) -> Attempt:
        """Run a cell on what its parent came to."""
        written = cell.written
        parent = self._parent_of(written)
        watch = _WarningWatch(self._warned)
        with at_node(written.node, watch):
            self._run.recorder.write(written)
            program = Program(written.source)
            attempt = Attempt(written.node, parent.nodes, (*parent.cells, program), parent.outcome)
            outcome = self._outcome_of(cell, program, parent)
            attempt = attempt_of(attempt, parent, outcome, watch, self._run.choices)
            if written.node:
                self._run.recorder.write(node_evaluated(attempt))
        return attempt

    def _outcome_of(self, cell: RecordedCell, program: Program, parent: Attempt) -> Outcome:
        end = cell.machine_end
        if end is not None:
            self._copy_work(cell)
            return ended_by_machine(end)
        executor = self._run.executor
        if cell.written.is_whole:
            return executor.run_whole(program)
        assert parent.state is not None
        return executor.run(parent.state, program)

    def _copy_work(self, cell: RecordedCell) -> None:
        counts = self._run.broker.counts
        for event in cell.work:
            if isinstance(event, ModuleCalled):
                counts.issued += 1
                counts.replayed += 1
                self._run.broker.seen.add(event.seen)
                event = msgspec.structs.replace(event, how="replayed", frames_decoded=0)
            self._run.recorder.write(event)

    def _parent_of(self, cell: ProgramWritten) -> Attempt:
        if cell.is_whole:
            return start_at()
        if cell.cell == 0:
            return start_at(self._run.executor.begin())
        parent = self._attempts.get(self._evaluated[cell.node].parent if cell.node else 0)
        if parent is None or parent.state is None:
            raise TraceError(
                f"{self._recorded.name}: cell {cell.cell} of node {cell.node} goes on from one "
                "that came to an end when it was run again.",
                hint="`vprog trace show` shows both; the modules or vprog may have changed.",
            )
        return parent

    def _vote(self, voted: Voted) -> None:
        weights = {ballot.node: ballot.weight for ballot in voted.ballots}
        nodes = [ballot.node for ballot in voted.ballots]  # one that voted twice stands twice
        attempts = [self._attempts[node] for node in nodes if node in self._attempts]
        counted = count_attempts(attempts, weights if voted.has_own_weights else None)
        if counted is not None:
            self._run.recorder.write(counted.event)
            self._shares |= counted.shares

    def _rate(self, rated: ReliabilityRated) -> None:
        ran = [self._attempts[node] for node in rated.by if node in self._attempts]
        attempt = self._attempts.get(rated.node)
        reliability = evidence_reliability(attempt, ran) if attempt is not None else None
        if reliability is not None:
            self._reliabilities[rated.node] = reliability
            self._copy(msgspec.structs.replace(rated, reliability=reliability))

    def _end_of_run(self, attempt: Attempt | None) -> Abstained | CellFailed | None:
        """The event by which the question, and not a program, came to its end; None if one did."""
        if attempt is not None and not (attempt.node or attempt.outcome.status == "continues"):
            return None
        for event in reversed(self._events):
            if isinstance(event, Abstained | CellFailed) and event.node == 0:
                return event
        return None

    def _of_attempt(self, attempt: Attempt) -> Result:
        joined = Program.join(attempt.cells)
        outcome = attempt.outcome
        if outcome.line is not None:
            outcome = replace(outcome, line=joined.line_of(outcome.cell, outcome.line))
        is_one = attempt.node == 0 and len(attempt.cells) == 1
        return self._run.result_of(
            outcome,
            path=self._recorded.result.path or "",
            program=attempt.cells[0].text if is_one else joined.text,
            votes=self._shares.get(attempt.node),
            reliability=self._reliabilities.get(attempt.node),
        )

    def _as_recorded(self, end: Abstained | CellFailed) -> Result:
        """The end of a run that no program gave: a model that failed, a budget used up."""
        self._copy(end)
        recorded = self._recorded.result
        return self._run.end(
            Result(
                status=Status(recorded.status),
                error=None
                if recorded.error is None
                else ErrorInfo(**msgspec.structs.asdict(recorded.error)),
                path=recorded.path,
                program=recorded.program,
            )
        )


class _WarningWatch(Watch):
    """Follows a cell, and remembers its warnings: they need not be copied."""

    def __init__(self, warned: set[str]) -> None:
        super().__init__()
        self._warned = warned

    def __call__(self, event: TraceEvent) -> None:
        super().__call__(event)
        if isinstance(event, Warned):
            self._warned.add(event.text)


_BEFORE_ANY_CHECK = ("extraction", "form")
"""What is refused without a check: a reply that held no code, a cell of the wrong form."""


@dataclass
class RecordedCell:
    """A cell as it was written, and the events of its node up to the next one."""

    written: ProgramWritten
    events: list[AnyEvent] = field(default_factory=list)

    @property
    def is_run(self) -> bool:
        """Whether it came as far as the checks."""
        return not any(
            isinstance(event, ProgramRefused) and event.check in _BEFORE_ANY_CHECK
            for event in self.events
        )

    @property
    def machine_end(self) -> CellFailed | None:
        """Its end by a clock or a limit of memory or output, which no other run meets alike."""
        for event in self.events:
            if isinstance(event, CellFailed) and is_machine_end(event.message):
                return event
        return None

    @property
    def work(self) -> list[AnyEvent]:
        """What happened while it ran, its end included."""
        return [event for event in self.events if event.at_replay == "in_cell"]


def cells_of(events: Sequence[AnyEvent]) -> list[RecordedCell]:
    """Every cell of a recording, in the order in which they were written."""
    cells: list[RecordedCell] = []
    latest: dict[int, list[AnyEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, ProgramWritten):
            cells.append(RecordedCell(event))
            latest[event.node] = cells[-1].events
        else:
            latest[event.node].append(event)
    return cells


def ended_by_machine(end: CellFailed) -> Outcome:
    """The outcome of a cell that the sandbox ended."""
    error = LimitError(end.message, hint=end.hint, line=end.line)
    return Outcome(
        "limit",
        end.cell,
        error=error,
        problems=(Problem(end.line or 1, str(error)),),
        line=end.line,
    )
