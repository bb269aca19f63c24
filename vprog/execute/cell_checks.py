"""The two checks before a cell runs: the gate over its text, the types over its whole path."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vprog.errors import ProgramRejectedError
from vprog.program.gate import NOTHING_ABSENT, check_program
from vprog.program.lowering.lower import restore_names, text_to_check
from vprog.program.problem import Problem, rejection, type_advice
from vprog.program.program import Program
from vprog.sandbox.pool import Pool


@dataclass(frozen=True)
class FailedCheck:
    """A cell that a check refused; nothing of it ran."""

    check: str
    """"gate" or "types"."""
    error: ProgramRejectedError
    problems: tuple[Problem, ...]


def refuse(
    pool: Pool,
    program: Program,
    *,
    modules: Collection[str],
    before: Sequence[Program] = (),
    must_end: bool = False,
    absent: Mapping[str, str] = NOTHING_ABSENT,
) -> FailedCheck | None:
    """Why a cell may not run; None if it may.

    Args:
        pool: whose check session knows the modules' types.
        program: the cell.
        modules: the tasks that it may call.
        before: the earlier cells of its path.
        must_end: whether it must call `answer` or `abstain` somewhere.
        absent: why each further task that is known cannot be called.
    """
    check = "gate"
    try:
        check_program(program, modules=modules, before=before, must_end=must_end, absent=absent)
        check = "types"
        _check_types(pool, program, modules=modules, before=before)
    except ProgramRejectedError as error:
        problems = tuple(Problem(*problem) for problem in error.problems)
        return FailedCheck(check, error, problems or (Problem(error.line or 1, error.message),))
    return None


def _check_types(
    pool: Pool, program: Program, *, modules: Collection[str], before: Sequence[Program]
) -> None:
    """Check the path as one text; only what lies in the new cell counts."""
    path = Program.join((*before, program)) if before else program
    checked = text_to_check(path, modules=modules)
    problems = []
    for diagnostic in pool.check(checked.text):
        cell, line = path.position(checked.line_at(diagnostic.line, diagnostic.column))
        if diagnostic.is_fatal and cell == len(before):
            said = restore_names(diagnostic.message, checked.renamed)
            message = f"{said}.{type_advice(diagnostic.message)}"
            problems.append(Problem(line, f"{message} [{diagnostic.rule}]"))
    if problems:
        raise rejection(problems, by="types")
