"""Small syntax trees that the rewrites are built of.

Goes with the last of the rewrites: idioms.py, bound_methods.py and suspends.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

SUPPORT = "vp__"
"""What names of the lowering's own begin with: names that no program may bind."""


class Marks:
    """A set of nodes. It keeps them alive: the id of a node that is gone may come again."""

    def __init__(self) -> None:
        self._nodes: dict[int, ast.AST] = {}

    def add(self, nodes: Iterable[ast.AST]) -> None:
        self._nodes.update((id(node), node) for node in nodes)

    def __contains__(self, node: object) -> bool:
        return id(node) in self._nodes


def at(old: ast.AST, new: ast.expr) -> ast.expr:
    """`new` with the position of the node that it replaces."""
    return new if new is old else ast.copy_location(new, old)


def load(name: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(name, ast.Load())


def call(
    support: str, arguments: Iterable[ast.expr], keywords: Iterable[ast.keyword] = ()
) -> ast.Call:
    """A call of a function of the support."""
    return ast.Call(load(SUPPORT + support), list(arguments), list(keywords))


def parameters(*names: str, vararg: str = "", kwarg: str = "") -> ast.arguments:
    """The parameters of a lambda."""
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name) for name in names],
        vararg=ast.arg(vararg) if vararg else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=ast.arg(kwarg) if kwarg else None,
        defaults=[],
    )


def forward(function: ast.expr, *names: str) -> ast.Lambda:
    """`lambda *a, **k: function(*a, **k)`, with more parameters before if they are named."""
    inner = ast.Call(
        function,
        [ast.Starred(load("vp__a"), ast.Load())],
        [ast.keyword(None, load("vp__k"))],
    )
    return ast.Lambda(parameters(*names, vararg="vp__a", kwarg="vp__k"), inner)
