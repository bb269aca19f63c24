"""Whether a cell makes at most one module call, as a chain of single calls must."""

from __future__ import annotations

import ast
from collections.abc import Collection

from vprog.program.problem import Problem, rejection
from vprog.program.program import Program

_REPEATS = (
    ast.For,
    ast.While,
    ast.FunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def check_single_call(program: Program, modules: Collection[str]) -> None:
    """Refuse a cell with more than one module call, or with one that may be repeated.

    Raises:
        ProgramRejectedError: it has; or the cell cannot be parsed.
    """
    n_calls = 0
    stack: list[tuple[ast.AST, bool]] = [(program.tree, False)]
    while stack:
        node, is_repeated = stack.pop()
        if _is_module_call(node, modules):
            n_calls += 1
            if n_calls > 1 or is_repeated:
                what = "inside a loop or function" if is_repeated else "more than one"
                message = (
                    f"one module call a cell is allowed, this is {what}. Make one call, on its "
                    "own; the next cell sees what it gave."
                )
                raise rejection([Problem(getattr(node, "lineno", 1), message)])
        inside = is_repeated or isinstance(node, _REPEATS)
        stack.extend((child, inside) for child in ast.iter_child_nodes(node))


def _is_module_call(node: ast.AST, modules: Collection[str]) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in modules
    )
