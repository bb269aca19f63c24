"""Loops that say beforehand which calls they will make, so that these can share batches.

`for frame in frames: found = detect(frame, "dog")` makes one call an item, with arguments that are
known before the first: the loop's list is wrapped so that the support's `ahead` tells the host all
of them in one crossing; also those that are made where another gave something true, as in
`if exists(frame, "dog"): ask(frame, "What does it do?")`. The calls themselves stand where they
stood; what was announced and is never called was a guess. Only what cannot be noticed is evaluated
ahead: names, attributes, arithmetic, values. execute/read_ahead.py is the host's side.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from vprog.program.bindings import bound_names
from vprog.program.early_ends import PURE, may_be_left
from vprog.program.monty_compat.build_nodes import SUPPORT, call, load, parameters
from vprog.program.monty_compat.marks import mark_text
from vprog.program.parse import own_expression

_LISTED = f"{SUPPORT}listed"
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
class _Step:
    """One call that a loop makes for an item."""

    call: ast.Call
    gate: ast.Call | None
    """The call that must have given something true; None if it is made whatever comes."""


@dataclass(frozen=True)
class _Body:
    """What a loop does once an item."""

    steps: Sequence[_Step]
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
        body = _Body(
            [step for step in _steps(node.body) if self._is_module(step.call)],
            frozenset().union(*(bound_names(statement) for statement in node.body)),
            not may_be_left(node.body),
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
        if passes:
            steps = [step for part in results for step in _calls(part, None)]
        else:  # each test but the first, and the result, where those before it were true
            tests = ast.BoolOp(ast.And(), [*last.ifs, *results])
            steps = list(_calls(tests, None))
        steps = [step for step in steps if self._is_module(step.call)]
        body = _Body(steps, assigned, True, last.ifs if passes else ())
        last.iter = self._wrapped(last.iter, last.target, body)
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def _is_module(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id in self.modules

    def _wrapped(self, items: ast.expr, target: ast.expr, body: _Body) -> ast.expr:
        """The expression of a loop's items; it announces the calls whose arguments are known."""
        targets = bound_names(target) - body.assigned
        steps: list[_Step] = []
        for step in body.steps:
            is_open = step.gate is None or any(step.gate is known.call for known in steps)
            if is_open and self._are_known(step.call, body.assigned) and _reads(step.call, targets):
                steps.append(step)
        if not steps:
            return items
        body = replace(body, steps=steps)
        listed = load(_LISTED)
        if isinstance(items, ast.Call) and isinstance(items.func, ast.Name):
            name = items.func.id
            if name == f"{SUPPORT}over":  # a comprehension that may end early
                ended = replace(body, is_certain=False)
                items.args[2] = self._ahead(items.args[2], listed, target, ended)
                return items
            if name in _PAIRED and items.args and self._is_quiet(items.args[1:], items.keywords):
                paired = copy.deepcopy(items)
                paired.args[0] = listed
                items.args[0] = self._ahead(items.args[0], paired, target, body)
                return items
        return self._ahead(items, listed, target, body)

    def _ahead(self, given: ast.expr, listed: ast.expr, target: ast.expr, body: _Body) -> ast.expr:
        """`ahead(given, lambda listed: [[arguments, ...] for target in listed], calls, certain)`"""
        arguments: list[ast.expr] = [
            ast.List(
                [*step.call.args, *(keyword.value for keyword in step.call.keywords)], ast.Load()
            )
            for step in body.steps
        ]
        rows = copy.deepcopy(
            ast.ListComp(
                ast.List(arguments, ast.Load()),
                [ast.comprehension(target, listed, list(body.ifs), 0)],
            )
        )
        places = {id(step.call): place for place, step in enumerate(body.steps)}
        said = [
            (
                step.call.func.id,  # type: ignore[attr-defined]
                len(step.call.args),
                [keyword.arg for keyword in step.call.keywords],
                0 if step.gate is None else 1 + places[id(step.gate)],
            )
            for step in body.steps
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
                or (isinstance(inner.func, ast.Name) and inner.func.id in PURE)
            )
            for inner in nodes
        )


def _reads(node: ast.AST, names: frozenset[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(node))


def _steps(body: Sequence[ast.stmt], gate: ast.Call | None = None) -> Iterator[_Step]:
    """The calls of a loop's body that are made for each item, or where another gave a true value.

    Args:
        body: up to where an item may be left early.
        gate: the call whose value lets the program come here at all.
    """
    results: dict[str, ast.Call] = {}
    for statement in body:
        if isinstance(
            statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return
        ):
            if statement.value is not None:
                yield from _calls(statement.value, gate, results)
            for name in bound_names(statement):
                results.pop(name, None)
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                results |= dict.fromkeys(bound_names(statement), statement.value)
        elif isinstance(statement, ast.If | ast.Assert):
            yield from _calls(statement.test, gate, results)
            inner = _gate_of(statement.test, results)
            if isinstance(statement, ast.If) and inner is not None:
                yield from _steps(statement.body, inner)
        elif isinstance(statement, ast.For):
            yield from _calls(statement.iter, gate, results)
        elif isinstance(statement, ast.Try):
            yield from _steps(statement.body, gate)
        if any(isinstance(inner, ast.Continue) for inner in ast.walk(statement)):
            return


def _gate_of(test: ast.expr, results: Mapping[str, ast.Call]) -> ast.Call | None:
    """The last call that must have given something true where a test holds."""
    match test:
        case ast.Call():
            return test
        case ast.Name():
            return results.get(test.id)
        case ast.BoolOp(op=ast.And()):
            return _gate_of(test.values[-1], results)
    return None


def _calls(
    node: ast.AST, gate: ast.Call | None, results: Mapping[str, ast.Call] = MappingProxyType({})
) -> Iterator[_Step]:
    """The calls that an expression makes, whatever its parts come to or where one is true."""
    match node:
        case ast.Lambda():
            return
        case ast.BoolOp():
            yield from _calls(node.values[0], gate, results)
            for before, value in pairwise(node.values):
                inner = _gate_of(before, results)
                if inner is None or isinstance(node.op, ast.Or):
                    return
                yield from _calls(value, inner, results)
            return
        case ast.IfExp():
            yield from _calls(node.test, gate, results)
            inner = _gate_of(node.test, results)
            if inner is not None:
                yield from _calls(node.body, inner, results)
            return
        case ast.Compare():
            parts: list[ast.AST] = [node.left, node.comparators[0]]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = [node.generators[0].iter]
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from _calls(part, gate, results)
    if isinstance(node, ast.Call):
        yield _Step(node, gate)
