"""How sure a cell says that it is: the number that it gives to `confidence` before it answers."""

from __future__ import annotations

import ast
import math

from vprog.errors import LlmReplyError
from vprog.program.program import Program

NAME = "confidence"


def stated_confidence(program: Program) -> float:
    """The number in [0, 1] that a cell gives to `confidence`, read and not run.

    It must be written as a number, once, on a line of its own that is in no block.

    Raises:
        LlmReplyError: there is none, or it is none such.
        ProgramRejectedError: the cell cannot be parsed.
    """
    stated = [
        each.value
        for each in program.tree.body
        if isinstance(each, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == NAME for target in each.targets)
    ]
    value = stated[0].value if len(stated) == 1 and isinstance(stated[0], ast.Constant) else None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 <= value <= 1
    ):
        raise LlmReplyError(
            "the cell does not say how sure it is.",
            hint=f"It must hold one line `{NAME} = ` with a number from 0 to 1.",
        )
    return float(value)
