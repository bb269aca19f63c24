"""From cells to outcomes: gate, types, lowering, sandbox, and the calls in between.

`Executor.run(state, source)` runs one cell on a state and gives the outcome with the state
after it; a state can be gone on from any number of times (a dump is loaded in another
worker), so whole programs, repairs and tree search are the same thing here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from vprog.errors import (
    LimitError,
    ModuleError,
    ProgramFailedError,
    ProgramRejectedError,
    VideoError,
    VprogError,
)
from vprog.execute.broker import Broker
from vprog.execute.ending import ABSTAIN, ANSWER
from vprog.execute.engine import Engine
from vprog.execute.evidence import score_of
from vprog.execute.outcome import Outcome, OutcomeStatus, State
from vprog.program import prelude
from vprog.program.gate import check_program
from vprog.program.lower import (
    READ_PROBES,
    Lowered,
    Probe,
    lower,
    read_probes,
    restore_names,
    text_to_check,
)
from vprog.program.problem import Problem, rejection
from vprog.sandbox import boundary
from vprog.sandbox.session import CallStep, DoneStep, EndStep, LimitStep, RaisedStep, Session, Step
from vprog.trace.event import (
    Abstained,
    Answered,
    CellFailed,
    CellStarted,
    EvidenceItem,
    Printed,
    ProgramRefused,
    StepValue,
    Warned,
)
from vprog.types import wire

ENDS = ("answer", "abstain")


class Executor:
    """Runs the cells of one question's programs. Used by one thread at a time."""

    def __init__(
        self, engine: Engine, broker: Broker, *, question: str, choices: Sequence[str]
    ) -> None:
        self._engine = engine
        self._broker = broker
        self._recorder = broker.recorder
        self._names: dict[str, object] = {
            "video": broker.media.videos[0],
            "videos": list(broker.media.videos),
            "question": question,
            "choices": list(choices),
        }
        self._session: Session | None = None
        self._at: State | None = None
        """The state that the live session is in."""
        self._fed: list[tuple[int, Lowered] | None] = []
        """For each text that the live session ran: our cell, and how it was lowered."""

    def begin(self) -> State:
        """The state before the first cell."""
        session = self._fresh()
        session.start(
            {name: boundary.to_sandbox(value) for name, value in self._names.items()},
            functions=[*self._broker.modules, *ENDS],
            prelude=prelude.source(),
        )
        self._fed = []
        self._at = State((), session.dump())
        return self._at

    def run_whole(self, source: str) -> Outcome:
        """Run a program of one cell; one that ends without an answer has failed."""
        problems = self._check((), source, must_end=True)
        if problems is not None:
            return problems
        outcome = self._execute(self.begin(), source)
        if outcome.status != "continues":
            return outcome
        line = len(source.rstrip().splitlines())
        error = ProgramFailedError(
            "the program ended without calling `answer` or `abstain`.",
            hint="Call answer(value, evidence=[...]) at its end, on every path.",
            line=line,
        )
        return self._failed("failed", error, cell=0, line=line, began=time.perf_counter())

    def run(self, state: State, source: str) -> Outcome:
        """Run one cell on a state.

        Raises:
            MissingError, DiskFullError, TraceError: what no program can mend.
        """
        problems = self._check(state.cells, source)
        return problems if problems is not None else self._execute(state, source)

    def close(self) -> None:
        """Let the worker go."""
        if self._session is not None:
            self._session.close()
            self._session = None
        self._at = None

    def _check(
        self,
        before: tuple[str, ...],
        source: str,
        *,
        must_end: bool = False,
    ) -> Outcome | None:
        """The gate and the types; None if both let the cell pass."""
        cell = len(before)
        began = time.perf_counter()
        wall = "gate"
        try:
            check_program(
                source,
                modules=self._broker.modules,
                before=before,
                must_end=must_end,
            )
            wall = "types"
            self._check_types(before, source)
        except ProgramRejectedError as error:
            found = tuple(Problem(*each) for each in error.problems) or (
                Problem(error.line or 1, error.message),
            )
            self._recorder.write(
                ProgramRefused(
                    cell=cell, wall=wall, problems=[(each.line, each.message) for each in found]
                )
            )
            return Outcome(
                "rejected",
                cell,
                error=error,
                problems=found,
                line=error.line,
                seconds=time.perf_counter() - began,
            )
        return None

    def _check_types(self, before: tuple[str, ...], source: str) -> None:
        joined = "".join(each.rstrip("\n") + "\n" for each in before)
        first = joined.count("\n")
        checked = text_to_check(joined + source, modules=self._broker.modules)
        found = []
        for each in self._engine.pool.check(checked.text):
            line = checked.line_at(each.line, each.column) - first
            if each.is_fatal and line >= 1:
                found.append(Problem(line, f"{restore_names(each.message)} [{each.rule}]"))
        if found:
            raise rejection(found, by="types")

    def _execute(self, state: State, source: str) -> Outcome:
        cell = len(state.cells)
        began = time.perf_counter()
        session = self._in_state(state)
        self._recorder.write(CellStarted(cell=cell))
        lowered = lower(source, modules=self._broker.modules, before=state.cells, cell=cell)
        self._fed.append((cell, lowered))
        self._at = None
        self._engine.scheduler.program_begins()
        try:
            step = session.run(lowered.source)
            return self._drive(session, step, state, (source, lowered), began)
        except BaseException:
            self.close()
            raise
        finally:
            self._engine.scheduler.program_ends()

    def _drive(
        self,
        session: Session,
        step: Step,
        state: State,
        text: tuple[str, Lowered],
        began: float,
    ) -> Outcome:
        """Answer calls until the cell is over."""
        cell = len(state.cells)
        printed: list[str] = []
        while isinstance(step, CallStep):
            self._print(cell, step.printed, printed)
            at_cell, line = self._place(step.cell, step.line, step.column, cell)
            try:
                if step.name in ENDS:
                    return self._end(session, step, at_cell, line, printed, began)
                value = self._broker.call(
                    step.name, step.args, step.kwargs, cell=at_cell, line=line
                )
            except (ModuleError, VideoError) as error:
                if not isinstance(error, ModuleError) or error.code == "module_failed":
                    self._recorder.write(
                        Warned(text=f"{step.name} failed at line {line}: {error.message}")
                    )
                step = session.fail(step, error)
            except LimitError as error:
                self.close()
                return self._failed("limit", error, cell=at_cell, line=line, began=began)
            else:
                step = session.answer(step, value)
        self._print(cell, step.printed, printed)
        match step:
            case DoneStep():
                self._read_probes(session, cell)
                source, lowered = text
                self._at = State((*state.cells, source), session.dump(), (*state.lowered, lowered))
                return Outcome(
                    "continues",
                    cell,
                    state=self._at,
                    printed="".join(printed),
                    seconds=time.perf_counter() - began,
                )
            case RaisedStep():
                at = self._line(step, cell)
                self._read_probes(session, cell)
                self.close()
                raised = ProgramFailedError(f"{step.kind}: {restore_names(step.message)}", line=at)
                return self._failed("failed", raised, cell=cell, line=at, began=began)
            case LimitStep():
                at = self._line(step, cell)
                self.close()
                limit = LimitError(
                    f"the program met its limit of {step.kind}: {step.message}", line=at
                )
                return self._failed("limit", limit, cell=cell, line=at, began=began)
        raise AssertionError(f"unexpected step {step!r}")

    def _end(
        self,
        session: Session,
        step: CallStep,
        cell: int,
        line: int,
        printed: list[str],
        began: float,
    ) -> Outcome:
        """The program called `answer` or `abstain`."""
        signature = ANSWER if step.name == "answer" else ABSTAIN
        given = boundary.bind(signature, step.args, step.kwargs, self._broker.media.videos)
        ended = session.end(step)
        if isinstance(ended, EndStep) and ended.clean:
            self._read_probes(session, cell)
        self.close()
        seconds = time.perf_counter() - began
        if step.name == "abstain":
            reason = str(given["reason"])
            self._recorder.write(Abstained(cell=cell, line=line, reason=reason))
            return Outcome(
                "abstained", cell, reason=reason, line=line, printed="".join(printed),
                seconds=seconds,
            )  # fmt: skip
        items = given["evidence"]
        assert isinstance(items, list)
        evidence = self._broker.provenance.evidence(items)
        score = score_of(items)
        self._recorder.write(
            Answered(
                cell=cell,
                line=line,
                value=_raw(given["value"]),
                evidence=[
                    EvidenceItem(
                        video=each.video,
                        start=each.start,
                        end=each.end,
                        box=each.box,
                        text=each.text,
                        supported=each.supported,
                    )
                    for each in evidence
                ],
                score=score,
            )
        )
        return Outcome(
            "answered",
            cell,
            value=given["value"],
            evidence=tuple(evidence),
            score=score,
            line=line,
            printed="".join(printed),
            seconds=seconds,
        )

    def _failed(
        self,
        status: OutcomeStatus,
        error: VprogError,
        *,
        cell: int,
        line: int | None,
        began: float,
    ) -> Outcome:
        self._recorder.write(
            CellFailed(
                cell=cell, line=line, code=error.code, message=error.message, hint=error.hint
            )
        )
        return Outcome(
            status,
            cell,
            error=error,
            problems=(Problem(line or 1, str(error)),),
            line=line,
            seconds=time.perf_counter() - began,
        )

    def _read_probes(self, session: Session, cell: int) -> None:
        """Take the values that the cell's assignments left, into the trace."""
        if not session.is_alive:
            return
        self._fed.append(None)
        step = session.run(READ_PROBES, want_value=True)
        if not isinstance(step, DoneStep):
            self._recorder.write(Warned(text="the values of the program's lines were not read"))
            return
        for probe in read_probes(boundary.to_host(step.value, _NOTES, (), where="probes")):
            self._recorder.write(_step_value(probe))

    def _print(self, cell: int, text: str, printed: list[str]) -> None:
        if text:
            printed.append(text)
            self._recorder.write(Printed(cell=cell, text=text))

    def _place(self, fed: int, line: int, column: int, cell: int) -> tuple[int, int]:
        """The cell and line of a place; a function may have come from an earlier cell."""
        known = self._fed[fed] if 0 <= fed < len(self._fed) else None
        if known is None:
            return cell, max(line, 1)
        number, lowered = known
        return number, lowered.line_at(line, column)

    def _line(self, step: RaisedStep | LimitStep, cell: int) -> int | None:
        """The line of the cell at which it ended, or None where the machine does not know."""
        if step.cell < 0:
            return None
        at, line = self._place(step.cell, step.line, 1, cell)
        return line if at == cell else None

    def _in_state(self, state: State) -> Session:
        """A session in a state: the live one if it is there, else the dump in a fresh worker."""
        if self._session is not None and self._session.is_alive and self._at is state:
            return self._session
        session = self._fresh()
        session.load(state.dump)
        # The dump knows the texts that were run up to it: cells and the probes after each.
        self._fed = [each for cell in enumerate(state.lowered) for each in (cell, None)]
        return session

    def _fresh(self) -> Session:
        self.close()
        self._session = self._engine.pool.session()
        return self._session


_NOTES = list[tuple[str, int, list[tuple[str, int, str]], list[tuple[str, int, str]]]]


def _step_value(probe: Probe) -> StepValue:
    """A note of a variable as the trace keeps it."""
    shown = [*probe.first, *probe.last]
    newest = shown[-1]
    if probe.count == 1:
        text = newest.text
    else:
        gap = [" … "] if probe.count > len(shown) else []
        first = ", ".join(each.text for each in probe.first)
        last = ", ".join(each.text for each in probe.last)
        joined = (gap[0] if gap else ", ").join(each for each in (first, last) if each)
        text = f"{probe.count} times: {joined}"
    return StepValue(
        cell=probe.cell,
        line=probe.line,
        name=restore_names(probe.name),
        type=newest.type,
        length=newest.length,
        text=restore_names(text),
        count=probe.count,
    )


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(wire.encode(value))
