"""From cells to outcomes: gate, types, lowering, sandbox, and the calls in between.

`Executor.run(state, source)` runs one cell on a state and gives the outcome with the state
after it; a state can be gone on from any number of times (a dump is loaded in another
worker), so whole programs, repairs and tree search are the same thing here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from vprog.boundary import convert
from vprog.errors import (
    DecoderDiedError,
    LimitError,
    ModuleError,
    TraceError,
    VideoChangedError,
    VideoError,
    VprogError,
)
from vprog.execute.answer_call import (
    ABSTAIN,
    ANSWER,
    answered,
    machine_error,
    raised_error,
    unended_error,
)
from vprog.execute.broker import Broker
from vprog.execute.cell_checks import refuse
from vprog.execute.cell_outcome import Outcome, OutcomeStatus, State
from vprog.execute.denial import CalledModule, denial_share
from vprog.execute.read_ahead import ReadAhead
from vprog.execute.runtime import Runtime
from vprog.execute.scout import Scout
from vprog.execute.told import replies_saying
from vprog.program import prelude
from vprog.program.lowering.announce import announcement
from vprog.program.lowering.lower import Lowered, lower, probes_text
from vprog.program.lowering.probes import VALUES, step_values
from vprog.program.monty_compat.marks import new_mark
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.sandbox.process import stopped_by_interrupt
from vprog.sandbox.session_protocol import CallStep, DoneStep, LimitStep, RaisedStep, Session, Step
from vprog.sandbox.source_map import FedTexts
from vprog.trace.event import Abstained, CellFailed, CellStarted, Printed, ProgramRefused, Warned

ENDS = ("answer", "abstain")


class Executor:
    """Runs the cells of one question's programs. Used by one thread at a time."""

    def __init__(
        self, runtime: Runtime, broker: Broker, *, question: str, choices: Sequence[str]
    ) -> None:
        self._runtime = runtime
        self._broker = broker
        self._recorder = broker.recorder
        self._names: dict[str, object] = {
            "video": broker.media.videos[0],
            "videos": list(broker.media.videos),
            "question": question,
            "choices": list(choices),
        }
        self._session: Session | None = None
        self._scout: Scout | None = None
        """Goes ahead of the live session's program."""
        self._has_slot = False
        self._at: State | None = None
        """The state that the live session is in."""
        self._fed = FedTexts()

    def begin(self) -> State:
        """The state before the first cell."""
        session, mark = self._fresh(), new_mark()
        session.start(
            {name: convert.to_sandbox(value) for name, value in self._names.items()},
            functions=[*self._broker.modules, *ENDS, announcement(mark)],
            prelude=prelude.source(mark),
        )
        self._fed = FedTexts()
        self._at = State((), session.dump(), mark)
        return self._at

    def run_whole(self, source: str | Program) -> Outcome:
        """Run a program of one cell; one that ends without an answer has failed."""
        program = Program.of(source)
        problems = self._check((), program, must_end=True)
        if problems is not None:
            return problems
        outcome = self._execute(self.begin(), program)
        if outcome.status != "continues":
            return outcome
        self.close()
        error = unended_error(program.text)
        line = error.line
        return self._failed("failed", error, cell=0, line=line, began=time.perf_counter())

    def run(self, state: State, source: str | Program) -> Outcome:
        """Run one cell on a state.

        Raises:
            MissingError, DiskFullError, TraceError: what no program can mend.
        """
        program = Program.of(source)
        problems = self._check(state.cells, program)
        return problems if problems is not None else self._execute(state, program)

    def stop(self) -> None:
        """Stop the cell that runs now, if one does; from any thread."""
        session = self._session
        if session is not None:
            session.kill()

    def close(self) -> None:
        """Let the worker go."""
        if self._scout is not None:
            self._scout.close()
            self._scout = None
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._has_slot:
            self._has_slot = False
            self._runtime.leave_place()
        self._at = None

    def _check(
        self, before: tuple[Program, ...], program: Program, *, must_end: bool = False
    ) -> Outcome | None:
        """The gate and the types; None if both let the cell pass."""
        began = time.perf_counter()
        cell = len(before)
        try:
            found = self._broker.budget.bounded(
                lambda: refuse(
                    self._runtime.pool,
                    program,
                    modules=self._broker.modules,
                    before=before,
                    must_end=must_end,
                    absent=self._runtime.absent,
                ),
                "the check of the program (gate and types)",
            )
        except LimitError as error:
            return self._failed("limit", error, cell=cell, line=None, began=began)
        if found is None:
            return None
        lines: list[tuple[int | None, str]] = [
            (problem.line, problem.message) for problem in found.problems
        ]
        self._recorder.write(ProgramRefused(cell=cell, check=found.check, problems=lines))
        return Outcome(
            "rejected",
            cell,
            error=found.error,
            problems=found.problems,
            line=found.error.line,
            seconds=time.perf_counter() - began,
        )

    def _execute(self, state: State, program: Program) -> Outcome:
        cell = len(state.lowered)
        began = time.perf_counter()
        session = self._in_state(state)
        self._recorder.write(CellStarted(cell=cell))
        written = frozenset[str]().union(program.texts, *(before.texts for before in state.cells))
        reads_ahead = self._runtime.settings.read_ahead
        scout = self._scout_of(session, state, program) if reads_ahead else None
        ahead = self._broker.read_ahead(written, scout) if reads_ahead else None
        lowered = lower(
            program,
            modules=self._broker.modules,
            before=state.lowered,
            cell=cell,
            ahead=() if ahead is None else ahead.tasks,
            mark=state.mark,
        )
        self._fed.add(cell, lowered)
        self._at = None
        self._runtime.scheduler.program_begins()
        try:
            with stopped_by_interrupt(session.kill), self._broker.budget.alarm(session.kill):
                step = session.run(lowered.source)
                return self._drive(session, step, state, lowered, began, ahead, written)
        except BaseException:
            self.close()
            raise
        finally:
            self._runtime.scheduler.program_ends()
            if ahead is not None:
                self._broker.end_ahead(ahead)

    def _drive(
        self,
        session: Session,
        step: Step,
        state: State,
        lowered: Lowered,
        began: float,
        ahead: ReadAhead | None,
        written: frozenset[str],
    ) -> Outcome:
        """Answer calls until the cell is over."""
        cell = len(state.lowered)
        printed: list[str] = []
        called = list(state.called)
        failure: VprogError | None = None
        announces = announcement(state.mark)
        while isinstance(step, CallStep):
            self._print(cell, step.printed, printed)
            if step.name == announces:
                if ahead is not None:
                    ahead.announce(step.args)
                step = session.answer(step, None)
                continue
            at_cell, line = self._fed.position(step.cell, step.line, step.column, cell)
            if ahead is not None:
                ahead.waits_at(step)
            try:
                if step.name in ENDS:
                    cells = (*state.cells, lowered.program)
                    return self._end(
                        session,
                        step,
                        state,
                        at_cell,
                        line,
                        printed,
                        began,
                        called=called,
                        cells=cells,
                    )
                value = self._broker.call(
                    step.name,
                    step.args,
                    step.kwargs,
                    cell=at_cell,
                    line=line,
                    ahead=ahead,
                    written=written,
                )
            except (VideoChangedError, DecoderDiedError):  # no program can mend that
                raise
            except (ModuleError, VideoError) as error:
                if error.code != "module_input":
                    self._broker.warnings.add(f"{step.name} at line {line}: {error.message}")
                failure = error
                step = session.fail(step, error)
            except LimitError as error:
                if session.end(step).clean:
                    self._read_probes(session, state.mark)
                self.close()
                return self._failed("limit", error, cell=at_cell, line=line, began=began)
            else:
                arguments = (*step.args, *step.kwargs.values())
                spec = self._broker.modules[step.name]
                called.append(CalledModule.of(spec, arguments, value))
                if ahead is not None:
                    ahead.answered(value)
                step = session.answer(step, value)
        self._print(cell, step.printed, printed)
        match step:
            case DoneStep():
                self._read_probes(session, state.mark)
                if not session.is_alive:
                    self.close()
                    lost = machine_error("values", "they could not be read.", None)
                    return self._failed("limit", lost, cell=cell, line=None, began=began)
                self._at = State(
                    (*state.lowered, lowered), session.dump(), state.mark, tuple(called)
                )
                return Outcome(
                    "continues",
                    cell,
                    state=self._at,
                    printed="".join(printed),
                    seconds=time.perf_counter() - began,
                )
            case RaisedStep():
                at = self._fed.line(step, cell)
                self._read_probes(session, state.mark)
                self.close()
                renamed = {name for cell in (*state.lowered, lowered) for name in cell.renamed}
                raised = raised_error(step, failure, at, renamed)
                outcome = self._failed("failed", raised, cell=cell, line=at, began=began)
                # Who wrote the program is told what the program was told, and no more.
                return replace(outcome, problems=(Problem(at or 1, raised.message),))
            case LimitStep():
                at = self._fed.line(step, cell)
                self._read_probes(session, state.mark)
                self.close()
                limit = machine_error(step.kind, step.message, at)
                if step.kind == "killed":
                    limit = self._broker.budget.overdue("the program in its sandbox") or limit
                return self._failed("limit", limit, cell=cell, line=at, began=began)
        raise AssertionError(f"unexpected step {step!r}")

    def _end(
        self,
        session: Session,
        step: CallStep,
        state: State,
        cell: int,
        line: int,
        printed: list[str],
        began: float,
        *,
        called: Sequence[CalledModule],
        cells: Sequence[Program],
    ) -> Outcome:
        """The program called `answer` or `abstain`."""
        signature = ANSWER if step.name == "answer" else ABSTAIN
        kwargs = dict(step.kwargs)
        probes = kwargs.pop(VALUES, [])
        given = convert.bind(signature, step.args, kwargs, self._broker.media.videos)
        self._record_values(probes)
        if session.end(step).clean:
            self._read_probes(session, state.mark)
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
        # What a model says that looked is as sure as it is, whatever else found nothing.
        denial = (
            None
            if replies_saying(items, given["value"])
            else denial_share(
                given["value"], cited={type(item) for item in items}, called=called, cells=cells
            )
        )
        score = self._broker.provenance.score_of(
            given["value"],
            items,
            told=[told for call in called for told in call.told],
            is_denial=denial is not None,
        )
        self._recorder.write(answered(cell, line, given["value"], evidence, score, denial))
        return Outcome(
            "answered",
            cell,
            value=given["value"],
            evidence=tuple(evidence),
            score=score,
            denial=denial,
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

    def _read_probes(self, session: Session, mark: str) -> None:
        """Take the values that the cell's assignments left, into the trace."""
        if not session.is_alive:
            return
        self._fed.add_other()
        step = session.run(probes_text(mark), want_value=True)
        self._record_values(step.value if isinstance(step, DoneStep) else None)

    def _record_values(self, probes: object) -> None:
        """Put the values of lines into the trace, as the sandbox gave them."""
        try:
            values = step_values(probes)
        except (ModuleError, TraceError):  # a program that forged them: the answer stands
            values = []
            self._recorder.write(Warned(text="the values of the program's lines were not read"))
        for value in values:
            self._recorder.write(value)

    def _print(self, cell: int, text: str, printed: list[str]) -> None:
        if text:
            printed.append(text)
            self._recorder.write(Printed(cell=cell, text=text))

    def _scout_of(self, session: Session, state: State, program: Program) -> Scout | None:
        if not program.has_loops:
            return None
        if self._scout is None:
            self._scout = Scout(
                session.fork,
                self._runtime.pool.fork_worker,
                modules=self._broker.modules,
                scheduler=self._runtime.scheduler,
                announces=announcement(state.mark),
            )
        self._scout.is_certain = not any(cell.leaves_loops for cell in (*state.cells, program))
        return self._scout

    def _in_state(self, state: State) -> Session:
        """A session in a state: the live one if it is there, else the dump in a fresh worker."""
        if self._session is not None and self._session.is_alive and self._at is state:
            return self._session
        session = self._fresh()
        session.load(state.dump)
        self._fed = FedTexts(state.lowered)
        return session

    def _fresh(self) -> Session:
        self.close()
        self._runtime.take_place(timeout_s=self._broker.budget.seconds_left)
        self._has_slot = True
        self._session = self._runtime.pool.session()
        return self._session
