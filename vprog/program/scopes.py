"""Python's scopes over a syntax tree: what each binds, and which reads the program binds itself.

Known somewhere is not known everywhere: `f = lambda exec: 0` binds `exec` in the lambda alone.
The gate judges a name by what this file says of the very place where it is read.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence


def own_reads(tree: ast.Module, outer: Collection[str] = ()) -> frozenset[int]:
    """The `id` of each name that is read where the program itself has bound it.

    Args:
        tree: of a program whose depth is bounded; it must outlive the result.
        outer: names that earlier cells have bound at the top.
    """
    reads = _Reads(scope_names(tree.body) | _declared_global(tree) | frozenset(outer))
    reads.visit(tree)
    return frozenset(reads.own)


def scope_names(body: Sequence[ast.AST]) -> frozenset[str]:
    """What one scope binds: variables, functions, imports, names of handlers and of `:=`."""
    names: set[str] = set()
    elsewhere: set[str] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
        elif isinstance(node, _COMPREHENSIONS):
            names |= {
                inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)
            }
        stack.extend(around(node) if isinstance(node, _SCOPES) else ast.iter_child_nodes(node))
    return frozenset(names - elsewhere)


def parameters_of(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function or lambda."""
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return parameters + [item for item in (arguments.vararg, arguments.kwarg) if item is not None]


def around(node: ast.AST) -> list[ast.expr]:
    """The parts of what opens a scope that are evaluated in the scope around it."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        arguments = node.args
        annotations = [parameter.annotation for parameter in parameters_of(arguments)]
        parts = [*arguments.defaults, *arguments.kw_defaults, *annotations]
        if isinstance(node, ast.FunctionDef):
            parts += [*node.decorator_list, node.returns]
        return [part for part in parts if part is not None]
    return [node.generators[0].iter] if isinstance(node, _COMPREHENSIONS) else []


def _declared_global(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    )


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.Lambda, *_COMPREHENSIONS)


class _Reads(ast.NodeVisitor):
    def __init__(self, top: frozenset[str]) -> None:
        self.scopes = [top]
        self.own: set[int] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if any(node.id in scope for scope in self.scopes):
            self.own.add(id(node))

    def _visit_function(self, node: ast.FunctionDef | ast.Lambda) -> None:
        body: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
        taken = frozenset(parameter.arg for parameter in parameters_of(node.args))
        self._visit_in(node, scope_names(body) | taken, body)

    visit_FunctionDef = visit_Lambda = _visit_function

    def _visit_comprehension(self, node: ast.expr) -> None:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        targets = scope_names([generator.target for generator in generators])
        self._visit_in(node, targets, _inside(node, generators))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def _visit_in(self, node: ast.AST, names: frozenset[str], inside: Iterable[ast.AST]) -> None:
        for outer in around(node):
            self.visit(outer)
        self.scopes.append(names)
        for inner in inside:
            self.visit(inner)
        self.scopes.pop()


def _inside(node: ast.expr, generators: list[ast.comprehension]) -> list[ast.AST]:
    """The parts of a comprehension that see its loop variables."""
    first, *later = generators
    elements = ("key", "value", "elt")
    parts = [getattr(node, name) for name in elements if hasattr(node, name)]
    return [first.target, *first.ifs, *later, *parts]
