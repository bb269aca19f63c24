"""Events of a recording put to the cells they belong to."""

from __future__ import annotations

import pytest

from vprog.replays.recorded_cell import cells_of, ended_by_machine
from vprog.trace.event import (
    AnyEvent,
    CellFailed,
    CellStarted,
    NodeEvaluated,
    Printed,
    ProgramRefused,
    ProgramWritten,
)


def written(node: int, cell: int = 0) -> ProgramWritten:
    return ProgramWritten(node=node, cell=cell, source=f"# {node}", writer="w")


def failed(message: str, *, node: int = 0) -> CellFailed:
    return CellFailed(node=node, cell=0, line=3, code="limit", message=message, hint="h")


def test_cells_of_programs_that_took_turns_keep_their_own_events() -> None:
    events: list[AnyEvent] = [
        written(1), written(2), CellStarted(node=2, cell=0), CellStarted(node=1, cell=0),
        Printed(node=1, cell=0, text="one"), Printed(node=2, cell=0, text="two"),
    ]  # fmt: skip
    found = cells_of(events)
    assert [cell.written.node for cell in found] == [1, 2]
    texts = [[event.text for event in cell.work if isinstance(event, Printed)] for cell in found]
    assert texts == [["one"], ["two"]]


def test_cells_of_one_node_begin_where_the_next_is_written() -> None:
    events: list[AnyEvent] = [
        Printed(cell=0, text="before any"), written(0), Printed(cell=0, text="a"),
        written(0, 1), Printed(cell=1, text="b"),
    ]  # fmt: skip
    assert [len(cell.work) for cell in cells_of(events)] == [1, 1]


@pytest.mark.parametrize(
    ("wall", "is_run"), [("extraction", False), ("form", False), ("gate", True), ("types", True)]
)
def test_cell_that_came_before_no_wall_is_not_run(wall: str, is_run: bool) -> None:
    (cell,) = cells_of([written(1), ProgramRefused(node=1, cell=0, check=wall, problems=[])])
    assert cell.is_run is is_run


@pytest.mark.parametrize(
    ("message", "is_end"),
    [
        ("the program met its limit of time: 5 s", True),
        ("the program made more than 4 module calls.", False),
    ],
)
def test_machine_end_is_told_from_a_spent_budget(message: str, is_end: bool) -> None:
    (cell,) = cells_of([written(0), failed(message)])
    assert (cell.machine_end is not None) is is_end


def test_ended_by_machine_is_the_outcome_of_then() -> None:
    outcome = ended_by_machine(failed("the program met its limit of time: 5 s"))
    assert (outcome.status, outcome.cell, outcome.line, outcome.state) == ("limit", 0, 3, None)
    assert outcome.error is not None
    assert (outcome.error.message[-3:], outcome.error.hint) == ("5 s", "h")


def test_tried_event_is_no_work_of_the_cell() -> None:
    tried = NodeEvaluated(
        node=1, parent=0, cell=0, status="answered", reward=1.0, valid=1.0, confidence=1.0,
        evidence=1.0, n_calls=0,
    )  # fmt: skip
    (cell,) = cells_of([written(1), tried])
    assert cell.work == []
