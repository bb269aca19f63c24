"""What a recording says of one cell: its text, what happened in it, what ended it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from vprog.errors import LimitError
from vprog.execute.answer_call import is_machine_end
from vprog.execute.outcome import Outcome
from vprog.program.problem import Problem
from vprog.trace.event import (
    AnyEvent,
    CellFailed,
    CellStarted,
    ModuleCalled,
    Printed,
    ProgramRefused,
    ProgramWritten,
    StepValue,
)

_BEFORE_ANY_WALL = ("extraction", "form")
"""Walls that are none: the reply held no code, or a cell of the wrong form."""


@dataclass
class RecordedCell:
    """A cell as it was written, and the events of its node up to the next one."""

    written: ProgramWritten
    events: list[AnyEvent] = field(default_factory=list)

    @property
    def is_run(self) -> bool:
        """Whether it came before the walls."""
        return not any(
            isinstance(event, ProgramRefused) and event.wall in _BEFORE_ANY_WALL
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
        kinds = (CellStarted, ModuleCalled, StepValue, Printed, CellFailed)
        return [event for event in self.events if isinstance(event, kinds)]


def cells_of(events: Sequence[AnyEvent]) -> list[RecordedCell]:
    """Every cell of a recording, in the order in which they were written."""
    found: list[RecordedCell] = []
    latest: dict[int, list[AnyEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, ProgramWritten):
            found.append(RecordedCell(event))
            latest[event.node] = found[-1].events
        else:
            latest[event.node].append(event)
    return found


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
