"""Whether a program has loops, and may leave them early: what is called ahead is wasted then."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from vprog.program.allowed_syntax import PROGRAM_ENDS, VALUE_CLASSES

PURE = VALUE_CLASSES | {"abs", "float", "int", "len", "max", "min", "round", "str"}
"""Functions whose value hangs on their arguments alone."""

_LEAVES = (ast.Break, ast.Return, ast.Raise, ast.Assert)
_STOPS_EARLY = frozenset({"all", "any", "next"})


def may_be_left(body: Sequence[ast.stmt]) -> bool:
    """Whether something but an error keeps a loop with this body from reaching its last item."""
    nodes = [inner for statement in body for inner in ast.walk(statement)]
    return any(isinstance(inner, _LEAVES) or _calls(inner, PROGRAM_ENDS) for inner in nodes)


def has_loops(tree: ast.Module) -> bool:
    """Whether a program does anything more than once, but by calling itself."""
    return any(isinstance(node, ast.For | ast.While | ast.comprehension) for node in ast.walk(tree))


def leaves_loops(tree: ast.Module) -> bool:
    """Whether any loop of a program may be left early, or lasts as long as calls say.

    What a function does counts as done in a loop: it may be called in one.
    """
    loop_tests: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.For() | ast.While() if may_be_left(node.body):
                return True
            case ast.FunctionDef() if any(
                isinstance(inner, ast.Raise | ast.Assert) or _calls(inner, PROGRAM_ENDS)
                for inner in ast.walk(node)
            ):
                return True
            case ast.Yield() | ast.YieldFrom():
                return True
            case ast.Call() if _calls(node, _STOPS_EARLY) and not (
                node.args and isinstance(node.args[0], ast.List | ast.ListComp)
            ):
                return True
        if isinstance(node, ast.While):
            loop_tests.append(node.test)
    return bool(loop_tests) and _hang_on_calls(loop_tests, tree)


def _hang_on_calls(tests: Iterable[ast.expr], tree: ast.Module) -> bool:
    """Whether what calls give may decide one of some expressions."""
    bindings: list[tuple[set[str], ast.AST]] = []
    told: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign():
                bindings.append((_names(*node.targets), node.value))
            case ast.AugAssign() | ast.NamedExpr() | ast.AnnAssign() if node.value is not None:
                bindings.append((_names(node.target), node.value))
            case ast.For():
                bindings.append((_names(node.target), node.iter))
            case ast.FunctionDef():
                told |= {argument.arg for argument in ast.walk(node.args)
                         if isinstance(argument, ast.arg)}  # fmt: skip
            case ast.Call(func=ast.Attribute()):  # a method may change its object
                told |= _names(node.func)

    def is_told(value: ast.AST) -> bool:
        return not told.isdisjoint(_names(value)) or any(
            isinstance(inner, ast.Call) and not _calls(inner, PURE) for inner in ast.walk(value)
        )

    n_before = -1
    while len(told) != n_before:
        n_before = len(told)
        for names, value in bindings:
            if is_told(value):
                told |= names
    return any(map(is_told, tests))


def _names(*nodes: ast.AST) -> set[str]:
    return {inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _calls(node: ast.AST, names: Iterable[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
