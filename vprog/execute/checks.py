"""The two walls before a cell runs: the gate over its text, the types over its whole path."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vprog.errors import ProgramRejectedError
from vprog.program.gate import check_program
from vprog.program.lowering.lower import restore_names, text_to_check
from vprog.program.problem import Problem, rejection, type_advice
from vprog.sandbox.pool import Pool


@dataclass(frozen=True)
class Refused:
    """A cell that a wall refused; nothing of it ran."""

    wall: str
    """"gate" or "types"."""
    error: ProgramRejectedError
    problems: tuple[Problem, ...]


def refuse(
    pool: Pool,
    source: str,
    *,
    modules: Collection[str],
    before: Sequence[str] = (),
    must_end: bool = False,
) -> Refused | None:
    """Why a cell may not run; None if it may.

    Args:
        pool: whose check session knows the modules' types.
        source: the cell.
        modules: the tasks that it may call.
        before: the earlier cells of its path.
        must_end: whether it must call `answer` or `abstain` somewhere.
    """
    wall = "gate"
    try:
        check_program(source, modules=modules, before=before, must_end=must_end)
        wall = "types"
        _check_types(pool, source, modules=modules, before=before)
    except ProgramRejectedError as error:
        problems = tuple(Problem(*problem) for problem in error.problems)
        return Refused(wall, error, problems or (Problem(error.line or 1, error.message),))
    return None


def _check_types(
    pool: Pool, source: str, *, modules: Collection[str], before: Sequence[str]
) -> None:
    """Check the path as one text; only what lies in the new cell counts."""
    joined = "".join(each.rstrip("\n") + "\n" for each in before)
    first = joined.count("\n")
    checked = text_to_check(joined + source, modules=modules)
    found = []
    for each in pool.check(checked.text):
        line = checked.line_at(each.line, each.column) - first
        if each.is_fatal and line >= 1:
            said = f"{restore_names(each.message)}.{type_advice(each.message)} [{each.rule}]"
            found.append(Problem(line, said))
    if found:
        raise rejection(found, by="types")
