"""Names and attributes that are read, where the VM lacks what they mean.

Bound methods as values, modules as values, classes of `typing` where they run, `__name__`.
Calls, generators and loops are idioms.py's, which builds on this.
Goes when the VM has bound methods and host functions as values, and `typing` at run time.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vprog.program.allowed_syntax import FIELDS, METHODS, PLAIN_TYPES, words
from vprog.program.bindings import binding_nodes, imported_modules, names_from
from vprog.program.monty_compat.build_nodes import (
    Marks,
    at,
    call,
    forward,
    forward_method,
    load,
    parameters,
)

_TIMES = words("start end span")
"""Methods of a match of `re`, but first of all the fields of nearly every value."""

_EITHER = METHODS & FIELDS


@dataclass(frozen=True)
class ProgramNames:
    """What the rewriting has to know of the names in a program.

    Attributes:
        modules: names that are host functions.
        algebra: names of functions that take whole lists and never call the host.
        imports: names that stand for importable modules, e.g. {"m": "math"}.
        from_names: names imported from one, e.g. {"groups": "itertools.groupby"}.
        has_flows: whether an earlier cell has made a generator that calls the host.
    """

    modules: frozenset[str]
    algebra: frozenset[str]
    imports: Mapping[str, str]
    from_names: Mapping[str, str]
    has_flows: bool = False


def call_on_objects(tree: ast.Module) -> ast.Module:
    """`add(x)` as `items.append(x)` where `add = items.append` and nothing else sets either name.

    In place, in a program's first cell: functions of earlier ones may set its names. Both names are
    set by statements that always run, and what stands in functions is left, which may run before.
    """
    times_set = Counter(name for name, _, _ in binding_nodes(tree))
    objects: set[str] = set()
    methods: dict[str, ast.Attribute] = {}
    for node in tree.body:
        _OnObjects(methods).visit(node)
        match node:
            case ast.Assign([ast.Name(name)], value) if times_set[name] == 1:
                objects.add(name)
                match value:
                    case ast.Attribute(ast.Name(base), method) if (
                        base in objects and method in METHODS - _TIMES
                    ):
                        methods[name] = value
    return tree


class _OnObjects(ast.NodeTransformer):
    def __init__(self, methods: Mapping[str, ast.Attribute]) -> None:
        self.methods = methods

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.methods:
            method = self.methods[node.func.id]
            assert isinstance(method.value, ast.Name)
            node.func = at(node.func, ast.Attribute(load(method.value.id), method.attr, ast.Load()))
        return node


class ReadIdioms(ast.NodeTransformer):
    """Rewrites what is read; `callees` are the nodes that are called."""

    def __init__(self, tree: ast.Module, names: ProgramNames) -> None:
        self.modules = names.modules
        self.callees = Marks()
        self.imports = dict(names.imports) | imported_modules(tree)
        self.from_names = dict(names.from_names) | names_from(tree)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        is_callee = node in self.callees
        if node.attr == "__name__" and isinstance(node.value, ast.Call):
            return at(node, call("type_name", [self.visit(node.value.args[0])]))
        self.generic_visit(node)
        if node.attr == "__getitem__" and not is_callee:
            item = ast.Subscript(load("vp__o"), load("vp__i"), ast.Load())
            getter = ast.Lambda(parameters("vp__o"), ast.Lambda(parameters("vp__i"), item))
            return at(node, ast.Call(getter, [node.value], []))
        is_read = isinstance(node.ctx, ast.Load) and not is_callee
        if not is_read or node.attr not in METHODS or node.attr in _TIMES:
            return node
        base = node.value
        if isinstance(base, ast.Name) and (base.id in self.imports or base.id in self.from_names):
            return node
        if isinstance(base, ast.Name) and base.id in PLAIN_TYPES:
            return at(node, forward_method(node.attr, "vp__o"))
        bound: ast.expr = forward_method(node.attr)
        if node.attr in _EITHER:
            method = ast.Attribute(load("vp__o"), node.attr, ast.Load())
            bound = ast.IfExp(call("is_plain", [load("vp__o")]), bound, method)
        outer = ast.Lambda(parameters("vp__o"), bound)
        return at(node, ast.Call(outer, [base], []))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`Tuple[float, float]` where it runs: any class does, since types are checked before."""
        base = node.value
        of_typing = (
            isinstance(base, ast.Name)
            and self.from_names.get(base.id, "").startswith(("typing.", "collections.abc."))
        ) or (
            isinstance(base, ast.Attribute)
            and isinstance(base.value, ast.Name)
            and self.imports.get(base.value.id) == "typing"
        )
        if of_typing:
            return at(node, load("str"))
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "__name__":
            return at(node, ast.Constant("__main__"))
        if node.id in self.modules and isinstance(node.ctx, ast.Load) and node not in self.callees:
            return at(node, forward(load(node.id)))
        return node
