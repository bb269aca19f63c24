"""What a recording says of one cell: its text, what happened in it, what ended it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from vprog.errors import LimitError
from vprog.execute.answer_call import is_machine_end
from vprog.execute.cell_outcome import Outcome
from vprog.program.problem import Problem
from vprog.trace.event import (
    AnyEvent,
    CellFailed,
    ProgramRefused,
    ProgramWritten,
)

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
