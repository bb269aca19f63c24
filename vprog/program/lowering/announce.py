"""Loops that say beforehand which calls they will make, so that these can share batches.

`for frame in frames: found = detect(frame, "dog")` makes one call an item, with arguments that are
known before the first: the loop's list is wrapped so that the support's `ahead` tells the host all
of them in one crossing. The calls themselves stand where they stood; what was announced and is
never called was a guess. Only what cannot be noticed is evaluated ahead: names, attributes,
arithmetic, values. execute/read_ahead.py is the host's side.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from vprog.program.allowed import PROGRAM_ENDS, VALUE_CLASSES
from vprog.program.bindings import bound_names
from vprog.program.monty_compat.build_nodes import SUPPORT, call, load, parameters
from vprog.program.monty_compat.marks import mark_text
from vprog.program.parse import own_expression

_LISTED = f"{SUPPORT}listed"
_PURE = VALUE_CLASSES | {"abs", "float", "int", "len", "max", "min", "round", "str"}
_KNOWN = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.Tuple,
    ast.List,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.Subscript,
    ast.Slice,
    ast.Call,
    ast.keyword,
    ast.expr_context,
    ast.operator,
    ast.boolop,
    ast.cmpop,
    ast.unaryop,
)
_PAIRED = ("enumerate", "zip", f"{SUPPORT}loop_enumerate", f"{SUPPORT}loop_zip")


def announcement(mark: str = "") -> str:
    """The host's function that is told of calls; no program can know its name."""
    return mark_text(f"{SUPPORT}announce", mark)


def announce_calls(tree: ast.Module, modules: Collection[str], *, by_item: bool) -> ast.Module:
    """Wrap the lists of loops that call some modules once an item, in place.

    Args:
        tree: of a cell, rewritten otherwise.
        modules: those whose calls are worth it.
        by_item: whether reading `x[k]` changes nothing: not so for a defaultdict.
    """
    if not modules:
        return tree
    announced = _Loops(frozenset(modules), by_item).visit(tree)
    assert isinstance(announced, ast.Module)
    return ast.fix_missing_locations(announced)


@dataclass(frozen=True)
class _Body:
    """What a loop does once an item."""

    calls: Sequence[ast.Call]
    assigned: frozenset[str]
    is_certain: bool
    """Whether nothing but an error keeps it from reaching its last item."""
    ifs: Sequence[ast.expr] = ()
    """The tests that an item has passed."""


class _Loops(ast.NodeTransformer):
    def __init__(self, modules: frozenset[str], by_item: bool) -> None:
        self.modules = modules
        self.by_item = by_item

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        ends = (ast.Break, ast.Return, ast.Raise, ast.Assert)
        nodes = [inner for statement in node.body for inner in ast.walk(statement)]
        body = _Body(
            [
                found
                for part in _reached(node.body)
                for found in _certain_calls(part)
                if self._is_module(found)
            ],
            frozenset().union(*(bound_names(statement) for statement in node.body)),
            not any(isinstance(inner, ends) or _ends_program(inner) for inner in nodes),
        )
        node.iter = self._wrapped(node.iter, node.target, body)
        return node

    def _visit_comprehension(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        last: ast.comprehension = node.generators[-1]  # type: ignore[attr-defined]
        results = (
            [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]
        )
        assigned = frozenset().union(*(bound_names(part) for part in (*last.ifs, *results)))
        passes = self._is_quiet(last.ifs, ()) and not any(
            _reads(test, assigned) for test in last.ifs
        )
        calls = [
            found
            for part in (results if passes else last.ifs[:1])
            for found in _certain_calls(part)
            if self._is_module(found)
        ]
        body = _Body(calls, assigned, True, last.ifs if passes else ())
        last.iter = self._wrapped(last.iter, last.target, body)
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def _is_module(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id in self.modules

    def _wrapped(self, items: ast.expr, target: ast.expr, body: _Body) -> ast.expr:
        """The expression of a loop's items; it announces the calls whose arguments are known."""
        targets = bound_names(target) - body.assigned
        calls = [
            found
            for found in body.calls
            if self._are_known(found, body.assigned) and _reads(found, targets)
        ]
        if not calls:
            return items
        listed = load(_LISTED)
        if isinstance(items, ast.Call) and isinstance(items.func, ast.Name):
            name = items.func.id
            if name == f"{SUPPORT}over":  # a comprehension that may end early
                ended = replace(body, calls=calls, is_certain=False)
                items.args[2] = self._ahead(items.args[2], listed, target, ended)
                return items
            if name in _PAIRED and items.args and self._is_quiet(items.args[1:], items.keywords):
                paired = copy.deepcopy(items)
                paired.args[0] = listed
                items.args[0] = self._ahead(
                    items.args[0], paired, target, replace(body, calls=calls)
                )
                return items
        return self._ahead(items, listed, target, replace(body, calls=calls))

    def _ahead(self, given: ast.expr, listed: ast.expr, target: ast.expr, body: _Body) -> ast.expr:
        """`ahead(given, lambda listed: [[arguments, ...] for target in listed], calls, certain)`"""
        arguments = [
            ast.List([*found.args, *(keyword.value for keyword in found.keywords)], ast.Load())
            for found in body.calls
        ]
        rows = copy.deepcopy(
            ast.ListComp(
                ast.List([*arguments], ast.Load()),
                [ast.comprehension(target, listed, list(body.ifs), 0)],
            )
        )
        said = [
            (found.func.id, len(found.args), [keyword.arg for keyword in found.keywords])  # type: ignore[attr-defined]
            for found in body.calls
        ]
        for node in ast.walk(rows):  # what fails in here is not the program's
            if isinstance(node, ast.expr):
                ast.copy_location(node, given)
        wrapped = call(
            "ahead",
            [
                given,
                ast.Lambda(parameters(_LISTED), rows),
                own_expression(repr(said)),
                ast.Constant(body.is_certain),
            ],
        )
        return ast.copy_location(wrapped, given)

    def _are_known(self, node: ast.Call, assigned: frozenset[str]) -> bool:
        if any(keyword.arg is None for keyword in node.keywords):
            return False
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        return self._is_quiet(values, ()) and not any(_reads(value, assigned) for value in values)

    def _is_quiet(self, values: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> bool:
        """Whether nobody can tell that expressions were evaluated once more."""
        nodes = [inner for value in (*values, *keywords) for inner in ast.walk(value)]
        return all(
            isinstance(inner, _KNOWN)
            and (self.by_item or not isinstance(inner, ast.Subscript))
            and (
                not isinstance(inner, ast.Call)
                or (isinstance(inner.func, ast.Name) and inner.func.id in _PURE)
            )
            for inner in nodes
        )


def _reads(node: ast.AST, names: frozenset[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(node))


def _ends_program(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in PROGRAM_ENDS
    )


def _reached(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """The expressions that a body evaluates whenever it is begun, and does not leave early."""
    for statement in body:
        if isinstance(
            statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return
        ):
            if statement.value is not None:
                yield statement.value
        elif isinstance(statement, ast.If | ast.Assert):
            yield statement.test
        elif isinstance(statement, ast.For):
            yield statement.iter
        elif isinstance(statement, ast.Try):
            yield from _reached(statement.body)
        if any(isinstance(inner, ast.Continue) for inner in ast.walk(statement)):
            return


def _certain_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that an expression makes whatever its parts come to."""
    match node:
        case ast.Lambda():
            return
        case ast.BoolOp():
            parts: list[ast.AST] = [node.values[0]]
        case ast.IfExp():
            parts = [node.test]
        case ast.Compare():
            parts = [node.left, node.comparators[0]]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = [node.generators[0].iter]
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from _certain_calls(part)
    if isinstance(node, ast.Call):
        yield node
