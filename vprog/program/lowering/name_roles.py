"""Names that mean two things, kept apart.

A module's name means the module where it is called, and an ordinary variable elsewhere:
`caption = caption(frame)`, `for track in tracks`. The same holds for the value algebra,
unless the program defines a function of that name itself. What is the program's own gets a
suffix here, so that no program can hide what the prelude needs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable

from vprog.program.allowed_syntax import BUILTINS, EXCEPTIONS, MACHINE_NAMES, PROGRAM_ENDS
from vprog.program.bindings import bound_names, functions_in, top_level_names
from vprog.program.earlier_cells import Earlier
from vprog.program.scopes import parameters_of, scope_names

OWN = "__own"
_OWN_NAME = re.compile(rf"\b([A-Za-z_][A-Za-z0-9_]*?){OWN}\b")


def keep_apart(
    tree: ast.Module, *, modules: frozenset[str], algebra: frozenset[str], earlier: Earlier
) -> tuple[ast.Module, frozenset[str]]:
    """Rename, in place, the program's own names that are also names of given things.

    Returns:
        The tree, and the names.
    """
    given = modules | algebra | PROGRAM_ENDS | BUILTINS | EXCEPTIONS | MACHINE_NAMES
    shared = given & (bound_names(tree) | earlier.names)
    if not shared:
        return tree, shared
    renamed = _Apart(tree, shared, modules | PROGRAM_ENDS, algebra, earlier).visit(tree)
    assert isinstance(renamed, ast.Module)
    return renamed, shared


def restore_names(text: str, renamed: Collection[str]) -> str:
    """A message about a lowered program in the program's own names.

    Args:
        text: what the VM or the type check says; it may quote texts of people's.
        renamed: the names that were renamed; what else ends in the suffix is somebody's text.
    """
    return _OWN_NAME.sub(lambda name: name[1] if name[1] in renamed else name[0], text)


class _Scope:
    """What one scope binds: all names, those bound to functions, and parameters."""

    def __init__(self, names: Iterable[str], functions: Iterable[str], taken: Iterable[str]):
        self.names = frozenset(names)
        self.functions = frozenset(functions)
        self.parameters = frozenset(taken)


class _Apart(ast.NodeTransformer):
    def __init__(
        self,
        tree: ast.Module,
        shared: frozenset[str],
        modules: frozenset[str],
        algebra: frozenset[str],
        earlier: Earlier,
    ) -> None:
        self.shared = shared
        self.modules = modules
        self.algebra = algebra
        names = top_level_names(tree) | earlier.names
        functions = functions_in(tree.body) | earlier.functions
        self.scopes = [_Scope(names, functions, ())]

    def own(self, name: str) -> str:
        return name + OWN if name in self.shared else name

    def is_bound(self, name: str) -> bool:
        return any(name in scope.names for scope in self.scopes)

    def is_own_call(self, name: str) -> bool:
        """Whether calling a shared name means something of the program's own."""
        if name in self.modules:
            return False
        if name in MACHINE_NAMES:  # unbound, the gate refuses it
            return self.is_bound(name)
        if any(name in scope.functions for scope in self.scopes):
            return True
        return name not in self.algebra and any(name in scope.parameters for scope in self.scopes)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if not isinstance(node.ctx, ast.Load) or self.is_bound(node.id):
            node.id = self.own(node.id)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        function = node.func
        own_callee = isinstance(function, ast.Name) and self.is_bound(function.id)
        if isinstance(function, ast.Name) and function.id in self.shared:
            own_callee = self.is_own_call(function.id)
            if own_callee:
                function.id = self.own(function.id)
        else:
            node.func = self.visit(function)
        node.args = [self.visit(arg) for arg in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
            if own_callee and keyword.arg is not None:
                keyword.arg = self.own(keyword.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self.own(node.name)
        if node.returns is not None:
            node.returns = self.visit(node.returns)
        self._visit_outer(node.args)
        taken = [parameter.arg for parameter in parameters_of(node.args)]
        bound = scope_names(node.body) | set(taken)
        self.scopes.append(_Scope(bound, functions_in(node.body), taken))
        self._renameparameters_of(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        self.scopes.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._visit_outer(node.args)
        taken = [parameter.arg for parameter in parameters_of(node.args)]
        self.scopes.append(_Scope(taken, (), taken))
        self._renameparameters_of(node.args)
        node.body = self.visit(node.body)
        self.scopes.pop()
        return node

    def _visit_outer(self, arguments: ast.arguments) -> None:
        """Defaults and annotations belong to the scope around a function."""
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [
            kw_default if kw_default is None else self.visit(kw_default)
            for kw_default in arguments.kw_defaults
        ]
        for parameter in parameters_of(arguments):
            if parameter.annotation is not None:
                parameter.annotation = self.visit(parameter.annotation)

    def _renameparameters_of(self, arguments: ast.arguments) -> None:
        for parameter in parameters_of(arguments):
            parameter.arg = self.own(parameter.arg)

    def _visit_comprehension(self, node: ast.expr) -> ast.expr:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        generators[0].iter = self.visit(generators[0].iter)
        targets = {name for generator in generators for name in bound_names(generator.target)}
        self.scopes.append(_Scope(targets, (), ()))
        for at, generator in enumerate(generators):
            if at:
                generator.iter = self.visit(generator.iter)
            generator.target = self.visit(generator.target)
            generator.ifs = [self.visit(test) for test in generator.ifs]
        if isinstance(node, ast.DictComp):
            node.key = self.visit(node.key)
            node.value = self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)  # type: ignore[attr-defined]
        self.scopes.pop()
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        if node.name:
            node.name = self.own(node.name)
        self.generic_visit(node)
        return node

    def _visit_names(self, node: ast.Global | ast.Nonlocal) -> ast.Global | ast.Nonlocal:
        node.names = [self.own(name) for name in node.names]
        return node

    visit_Global = visit_Nonlocal = _visit_names

    def visit_alias(self, node: ast.alias) -> ast.alias:
        bound = node.asname or node.name
        if bound in self.shared:
            node.asname = self.own(bound)
        return node
