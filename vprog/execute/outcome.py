"""What came of running a cell, and the state that programs go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vprog.errors import VprogError
from vprog.program.bindings import top_level_names
from vprog.program.lowering.lower import Lowered
from vprog.program.parse import parse_program
from vprog.program.problem import Problem
from vprog.types import Evidence

OutcomeStatus = Literal["continues", "answered", "abstained", "rejected", "failed", "limit"]


@dataclass(frozen=True)
class State:
    """Where a program stands between cells: the cells that ran, and the sandbox's dump."""

    cells: tuple[str, ...]
    dump: bytes
    lowered: tuple[Lowered, ...] = ()
    """The cells as they ran."""

    @property
    def names(self) -> frozenset[str]:
        """The names that the cells defined, for those to come."""
        return frozenset().union(*(top_level_names(parse_program(cell)) for cell in self.cells))


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
    reason: str = ""
    error: VprogError | None = None
    problems: tuple[Problem, ...] = ()
    line: int | None = None
    printed: str = ""
    seconds: float = 0.0
