"""Whether a turn of a chain of tools keeps to them: one call of one tool, and no module."""

from __future__ import annotations

import ast
from collections.abc import Collection

from vprog.program.problem import Problem, rejection
from vprog.program.program import Program
from vprog.strategies.single_call import check_single_call


def check_turn(program: Program, tools: Collection[str], modules: Collection[str]) -> None:
    """Refuse a cell that calls a module itself, or more than one tool, or one repeatedly.

    Args:
        program: the cell.
        tools: the functions that a turn may call.
        modules: what only they may call.

    Raises:
        ProgramRejectedError: it does; or the cell cannot be parsed.
    """
    tree = program.tree
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in tools:
            message = f"{node.name} is there already: give this function another name."
            raise rejection([Problem(node.lineno, message)])
        if not isinstance(node, ast.Name):
            continue
        if node.id in modules and id(node) in called:
            message = f"{node.id} is not called here: call {' or '.join(tools)}, or answer."
            raise rejection([Problem(node.lineno, message)])
        if node.id in tools and id(node) not in called:
            message = f"{node.id} can be called, and nothing else: no other name for it."
            raise rejection([Problem(node.lineno, message)])
    check_single_call(program, tools)
