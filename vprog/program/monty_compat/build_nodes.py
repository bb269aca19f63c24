"""Small syntax trees that the rewrites are built of.

Goes with the last of the rewrites: idioms.py, bound_methods.py and suspends.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from vprog.program.allowed_syntax import words

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


def forward_method(method: str, *names: str) -> ast.Lambda:
    """`lambda a: vp__o.method(a)`, with the parameters of the method where they are known.

    A call that hands on whatever it is given costs the VM as much as five of these.
    """
    function = ast.Attribute(load("vp__o"), method, ast.Load())
    defaults = _DEFAULTS.get(method)
    if defaults is None:
        return forward(function, *names)
    own = [f"vp__{number}" for number in range(len(defaults))]
    taken = parameters(*names, *own)
    taken.defaults = [ast.Constant(None) for is_needed in defaults if not is_needed]
    return ast.Lambda(taken, ast.Call(function, [load(name) for name in own], []))


_DEFAULTS: dict[str, tuple[bool, ...]] = {
    **dict.fromkeys(words("add append discard extend join remove"), (True,)),
    **dict.fromkeys(words("lstrip rstrip strip"), (False,)),
    **dict.fromkeys(
        words(
            "capitalize casefold clear copy isalnum isalpha isascii isdecimal isdigit islower "
            "isnumeric isspace istitle isupper items keys lower popitem swapcase title upper values"
        ),
        (),
    ),
    "get": (True, False),
}
"""Of methods that take the same in every class: of each parameter, all by place, whether it must be
given; one that need not is None."""


def forward(function: ast.expr, *names: str) -> ast.Lambda:
    """`lambda *a, **k: function(*a, **k)`, with more parameters before if they are named."""
    inner = ast.Call(
        function,
        [ast.Starred(load("vp__a"), ast.Load())],
        [ast.keyword(None, load("vp__k"))],
    )
    return ast.Lambda(parameters(*names, vararg="vp__a", kwarg="vp__k"), inner)
