"""What came of running a cell, and the state that programs go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vprog.errors import VprogError
from vprog.execute.denial import CalledModule
from vprog.program.lowering.lower import Lowered
from vprog.program.problem import Problem
from vprog.program.program import Program
from vprog.types import Evidence

OutcomeStatus = Literal["continues", "answered", "abstained", "rejected", "failed", "limit"]


@dataclass(frozen=True)
class State:
    """Where a program stands between cells: the cells as they ran, and the sandbox's dump.

    `mark` is that of the dump's support code (program/monty_compat/marks.py).
    """

    lowered: tuple[Lowered, ...]
    dump: bytes
    mark: str
    called: tuple[CalledModule, ...] = ()
    """The calls of those cells."""

    @property
    def cells(self) -> tuple[Program, ...]:
        """The cells as they were written."""
        return tuple(lowered.program for lowered in self.lowered)

    @property
    def names(self) -> frozenset[str]:
        """The names that the cells defined, for those to come."""
        return frozenset().union(*(cell.names for cell in self.cells))


@dataclass(frozen=True)
class Outcome:
    """What came of one cell.

    `state` is the state after the cell; None after an answer, an abstention or a failure,
    when the state before the cell still holds.
    """

    status: OutcomeStatus
    cell: int
    state: State | None = None
    value: object = None
    evidence: tuple[Evidence, ...] = ()
    score: float | None = None
    denial: float | None = None
    """Of an answer that something is not there, or how many there are: see denial.py."""
    reason: str = ""
    error: VprogError | None = None
    problems: tuple[Problem, ...] = ()
    line: int | None = None
    printed: str = ""
    seconds: float = 0.0
