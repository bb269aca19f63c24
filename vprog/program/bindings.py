"""Which names a syntax tree binds, where and how; Program has them read off once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from vprog.program.allowed_imports import IMPORTABLE
from vprog.program.parse import own_tree

_ALLOWED = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_?|_[A-Za-z0-9]*(_[A-Za-z0-9]+)*_?")


def is_name_allowed(name: str) -> bool:
    """Whether a program may bind a name: ASCII, and no two underscores in a row.

    Names with two underscores belong to Python and to the lowering.
    """
    return name.isascii() and "__" not in name and _ALLOWED.fullmatch(name) is not None


def bound_names(tree: ast.AST) -> frozenset[str]:
    """Every name that is bound anywhere in the tree, in whatever scope."""
    return frozenset(name for name, _, _ in binding_nodes(tree))


def binding_nodes(tree: ast.AST) -> Iterator[tuple[str, int, str]]:
    """Each binding as (name, line, how).

    How: "variable", "parameter", "def", "import", "from", or "declared" by global or nonlocal.
    """
    line = 1
    for node in ast.walk(tree):
        line = getattr(node, "lineno", line)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, line, "variable"
        elif isinstance(node, ast.arg):
            yield node.arg, line, "parameter"
        elif isinstance(node, ast.FunctionDef):
            yield node.name, line, "def"
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, line, "variable"
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for declared in node.names:
                yield declared, line, "declared"
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname or name.name.split(".")[0]), line, "import"
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                if name.name != "*" and node.module != "__future__":
                    yield name.asname or name.name, line, "from"


def renamed(text: str, suffix: str) -> str:
    """A text that vprog itself wrote, with a suffix behind each name that it makes: two such texts
    can stand in one program.

    Example:
        >>> renamed("found = find_black(video)", "_1")
        'found_1 = find_black(video)\\n'
    """
    tree = own_tree(text)
    made = {name for name, _, how in binding_nodes(tree) if how in ("variable", "parameter", "def")}
    for node in ast.walk(tree):
        field = _NAMED_IN.get(type(node), "")
        name = getattr(node, field, None)
        if name in made:
            setattr(node, field, f"{name}{suffix}")
    return f"{ast.unparse(tree)}\n"


_NAMED_IN: dict[type[ast.AST], str] = {ast.Name: "id", ast.arg: "arg", ast.FunctionDef: "name"}
"""The nodes that hold a name of a program's own."""


def top_level_names(tree: ast.Module) -> frozenset[str]:
    """The names that later cells can read: bound outside functions, or declared `global`."""
    names: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
            names |= {
                name
                for inner in ast.walk(node)
                if isinstance(inner, ast.Global)
                for name in inner.names
            }
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            names |= {
                inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)
            }
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler):
            pass  # the name of a handler is unbound at its end
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {name for name, _, _ in binding_nodes(node)}
        stack.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def functions_in(body: list[ast.stmt]) -> frozenset[str]:
    """The names that a scope binds by `def`, by an import, or to a lambda."""
    names: set[str] = set()
    for node in same_scope(body):
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def imported_modules(tree: ast.AST) -> dict[str, str]:
    """Which names stand for which importable module, e.g. {"m": "math"}."""
    return {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
        if name.name in IMPORTABLE
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
    nodes: list[ast.AST] = []
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        nodes.append(node)
        if not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))
    return nodes


_SCOPES = (
    ast.FunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
