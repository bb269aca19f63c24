"""What the earlier cells of a path leave behind for the next one: names and what they are."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.program.bindings import top_level_names
from vprog.program.language import MODULE_NAMES
from vprog.program.parse import parse_program


@dataclass(frozen=True)
class Earlier:
    """The names that are bound when a cell begins.

    Attributes:
        names: all of them.
        functions: those bound by `def`, by an import, or to a lambda.
        imports: which of them stand for an importable module, as (name, module).
        from_names: those imported from one, as (name, "module.name").
    """

    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    imports: tuple[tuple[str, str], ...] = ()
    from_names: tuple[tuple[str, str], ...] = ()


def earlier_cells(cells: Sequence[str]) -> Earlier:
    """What a path's cells bind, in their order; they have passed the gate."""
    known = Earlier()
    for cell in cells:
        known = _after(known, cell)
    return known


@functools.lru_cache(maxsize=1024)
def _after(known: Earlier, cell: str) -> Earlier:
    return after_cell(known, parse_program(cell))


def after_cell(known: Earlier, tree: ast.Module) -> Earlier:
    """What is bound after one more cell."""
    names = top_level_names(tree)
    functions = functions_in(tree.body) & names
    imports = {name: module for name, module in known.imports if name not in names}
    imports |= imported_modules(tree)
    of = {name: source for name, source in known.from_names if name not in names}
    of |= names_from(tree)
    return Earlier(
        known.names | names,
        (known.functions - names) | functions,
        tuple(sorted(imports.items())),
        tuple(sorted(of.items())),
    )


def functions_in(body: list[ast.stmt]) -> frozenset[str]:
    """The names that a scope binds by `def`, by an import, or to a lambda."""
    found: set[str] = set()
    for node in same_scope(body):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(found)


def imported_modules(tree: ast.AST) -> dict[str, str]:
    """Which names stand for which importable module, e.g. {"m": "math"}."""
    return {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
        if name.name in MODULE_NAMES
    }


def names_from(tree: ast.AST) -> dict[str, str]:
    """Names imported from a module, e.g. {"groups": "itertools.groupby"}."""
    return {
        name.asname or name.name: f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def same_scope(body: list[ast.stmt]) -> list[ast.AST]:
    """The nodes under `body` that are in one scope; what opens another is the last of its line."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))
    return found


_SCOPES = (
    ast.FunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
