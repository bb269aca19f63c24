"""The cells of a program run one after the other, in an open run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vprog.errors import VprogError
from vprog.execute.answer_call import unended_error
from vprog.program.program import Program
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run
from vprog.trace.event import ProgramWritten


def run_cells(run: Run, cells: Sequence[str], *, is_whole: bool) -> Result:
    """The result of cells that are run to their end, trace ended.

    Args:
        run: is open, and ended by this.
        cells: their texts, at least one.
        is_whole: whether the one cell is a whole program, which must end in an answer.
    """
    joined = Program.join(cells)
    program = cells[0] if is_whole else joined.text
    try:
        state = None if is_whole else run.executor.begin()
        for number, source in enumerate(cells):
            run.recorder.write(
                ProgramWritten(cell=number, source=source, writer=PROGRAM, is_whole=is_whole)
            )
            if state is None:
                outcome = run.executor.run_whole(source)
            else:
                outcome = run.executor.run(state, source)
            if outcome.state is None:
                break
            state = outcome.state
    except VprogError as error:
        return run.failed(error, path=PROGRAM, program=program, line=error.line)
    if outcome.status == "continues":
        unended = unended_error(joined.text)
        return run.failed(unended, path=PROGRAM, program=program, line=unended.line)
    if outcome.line is not None:
        outcome = replace(outcome, line=joined.line_of(outcome.cell, outcome.line))
    return run.result_of(outcome, path=PROGRAM, program=program)
