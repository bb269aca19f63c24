"""One attempt at an answer: the cells of its path, what they did, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vprog.errors import AbstainedError, LimitError, ProgramFailedError, VprogError
from vprog.execute.cell_outcome import Outcome, State
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.prompt.cell_prompt import AttemptedCell, ShownCell
from vprog.runs.answer_reading import PlainAnswer, read_answer
from vprog.runs.reward import NOTHING, Reward, reward_of
from vprog.trace.event import ModuleCalled, NodeEvaluated, Printed, StepValue, TraceEvent
from vprog.types import wire


@dataclass(frozen=True)
class Attempt:
    """What came of one cell after the cells before it.

    Attributes:
        node: its number in the trace; 0 for the start, which is no attempt.
        path: the nodes before it, first cell first.
        cells: those of its path, its own last.
        outcome: of its own cell.
        shown: the cells that ran, as the writer of the next one sees them.
        answer: the answer, if there is one that fits the choices.
        problems: what is wrong with it, if it may be written again.
        n_calls: module calls of the whole path.
        calls: those of its own cell.
    """

    node: int
    path: tuple[int, ...]
    cells: tuple[Program, ...]
    outcome: Outcome
    shown: tuple[ShownCell, ...] = ()
    answer: PlainAnswer | None = None
    reward: Reward = NOTHING
    problems: tuple[Problem, ...] = ()
    n_calls: int = 0
    calls: tuple[ModuleCalled, ...] = ()

    @property
    def nodes(self) -> tuple[int, ...]:
        """The nodes of its path, its own last."""
        return (*self.path, self.node) if self.node else ()

    @property
    def parent(self) -> int:
        return self.path[-1] if self.path else 0

    @property
    def cell(self) -> int:
        """The position of its cell on the path, from 0."""
        return len(self.cells) - 1

    @property
    def state(self) -> State | None:
        """Where the next cell goes on from; None if none can."""
        return self.outcome.state

    @property
    def is_answered(self) -> bool:
        return self.answer is not None

    @property
    def is_ended(self) -> bool:
        """It answered or abstained: there is nothing to write after it or to repair."""
        return self.is_answered or self.outcome.status == "abstained"

    @property
    def results(self) -> list[object]:
        """What the module calls of its own cell gave, in their order."""
        return [wire.decode(bytes(call.result)) for call in self.calls if call.error is None]

    def tried(self) -> AttemptedCell:
        """Itself, for the writer of a sibling."""
        if self.problems:
            came = f"{self.outcome.status}: {self.problems[0].message}"
        elif self.answer is not None:
            came = f"answered: {self.answer.value}"
        elif self.outcome.status == "abstained":
            came = f"abstained: {self.outcome.reason}"
        else:
            came = "it ran, and the program went on from it"
        return AttemptedCell(self.cells[-1].text, came)


class Watch:
    """Follows the events of one cell."""

    def __init__(self) -> None:
        self.values: list[tuple[int, str]] = []
        self.printed: list[str] = []
        self.calls: list[ModuleCalled] = []

    def __call__(self, event: TraceEvent) -> None:
        match event:
            case StepValue():
                size = f" ({event.type} of {event.length})" if (event.length or 0) > 3 else ""
                self.values.append((event.line, f"{event.name} = {event.text}{size}"))
            case Printed():
                self.printed.append(event.text)
            case ModuleCalled():
                self.calls.append(event)


def start_at(state: State | None = None) -> Attempt:
    """The start, which first cells go on from; without a state, for whole programs."""
    return Attempt(0, (), (), Outcome("continues", -1, state=state))


def attempt_of(
    written: Attempt, parent: Attempt, outcome: Outcome, watch: Watch, choices: Sequence[str]
) -> Attempt:
    """A cell that came to an outcome."""
    answer: PlainAnswer | None = None
    problems: tuple[Problem, ...] = ()
    if outcome.status in ("rejected", "failed", "limit"):
        problems = outcome.problems
    elif outcome.status == "answered":
        try:
            answer = read_answer(outcome.value, choices)
        except ProgramFailedError as error:
            problems = (Problem(outcome.line or 0, str(error)),)
    n_calls = parent.n_calls + len(watch.calls)
    return replace(
        written,
        outcome=outcome,
        shown=(
            *parent.shown,
            ShownCell(written.cells[-1].text, tuple(watch.values), "".join(watch.printed)),
        ),
        answer=answer,
        reward=reward_of(outcome, fits=answer is not None, n_calls=n_calls),
        problems=problems,
        n_calls=n_calls,
        calls=tuple(watch.calls),
    )


def unwritten(
    node: int, parent: Attempt, program: Program, error: VprogError, problems: tuple[Problem, ...]
) -> Attempt:
    """An attempt of which nothing ran: the model wrote no cell, or one of the wrong form."""
    cells = (*parent.cells, program)
    return Attempt(
        node,
        parent.nodes,
        cells,
        Outcome("rejected", len(cells) - 1, error=error, problems=problems, line=error.line),
        parent.shown,
        problems=problems,
    )


def node_evaluated(attempt: Attempt) -> NodeEvaluated:
    """The event of an attempt that came to an outcome."""
    reward = attempt.reward
    return NodeEvaluated(
        parent=attempt.parent,
        cell=attempt.cell,
        status=attempt.outcome.status,
        reward=round(reward.value, 6),
        valid=reward.valid,
        confidence=reward.confidence,
        evidence=reward.evidence,
        n_calls=len(attempt.calls),
    )


def came_to_nothing(attempt: Attempt, what: str, *, hint: str) -> VprogError:
    """The error where a cell of our own did not come through; a limit stays a limit.

    Args:
        attempt: of that cell.
        what: what there is not for it, e.g. "the index could not be built".
        hint: what to do.
    """
    error = attempt.outcome.error
    if isinstance(error, LimitError):
        return error
    return AbstainedError(f"{what}: {attempt.problems[0].message}", hint=hint)


def best_of(attempts: Iterable[Attempt]) -> Attempt | None:
    """The attempt to answer from: the one worth most; else an abstention; else the last failure.

    A cell that went on without ending is none of these.
    """
    best: Attempt | None = None
    for attempt in attempts:
        if attempt.outcome.status == "continues":
            continue
        if best is None or _rank(attempt) > _rank(best) or not (attempt.is_ended or best.is_ended):
            best = attempt
    return best


def _rank(attempt: Attempt) -> tuple[bool, float, bool]:
    return attempt.is_answered, attempt.reward.value, attempt.is_ended
