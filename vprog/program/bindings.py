"""Which names a program binds, where and how."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

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
    """Each binding as (name, line, how): "variable", "parameter", "def", "import" or "from"."""
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
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname or name.name.split(".")[0]), line, "import"
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                if name.name != "*" and node.module != "__future__":
                    yield name.asname or name.name, line, "from"


def top_level_names(tree: ast.Module) -> frozenset[str]:
    """The names that later cells can read: bound outside functions, or declared `global`."""
    found: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
            found |= {
                name
                for each in ast.walk(node)
                if isinstance(each, ast.Global)
                for name in each.names
            }
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            found |= {each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr)}
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler):
            pass  # the name of a handler is unbound at its end
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {name for name, _, _ in binding_nodes(node)}
        stack.extend(ast.iter_child_nodes(node))
    return frozenset(found)
