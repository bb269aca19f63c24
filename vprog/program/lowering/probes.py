"""Probes: summaries of a program's variables, taken inside the sandbox, read back after each cell.

After an assignment, on its own line, a call of the support's `probe` keeps a bounded
summary of the value; program/monty_compat/support_values.py holds the summaries, this file puts
the calls in and reads them back. In a loop or function a line calls `seen` three times and then,
if its values cannot change, counts and keeps its last three by itself: a summary costs as much as
fifty additions, and all but six are thrown away. The variable of a loop over a range is not probed
at all where nothing else sets it: its last value says how far the loop came.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from vprog.boundary.convert import to_host
from vprog.errors import TraceError
from vprog.program.allowed_syntax import PROGRAM_ENDS
from vprog.program.bindings import binding_nodes
from vprog.program.lowering.name_roles import OWN
from vprog.program.monty_compat.build_nodes import SUPPORT, call, load, parameters
from vprog.program.monty_compat.marks import mark_text
from vprog.program.monty_compat.support_values import N_SLOTS, SLOT_PARTS
from vprog.program.parse import own_expression
from vprog.trace.event import StepValue

_READ_PROBES = "vp__read_probes()"

VALUES = "vp__values"
"""The keyword under which `answer` and `abstain` hand the probes over, where a `try` stands around
them or elsewhere in the cell: what runs after the end may not stop, and is killed."""


def probes_text(mark: str = "") -> str:
    """The program text whose value is the list of probes; running it empties the list."""
    return mark_text(_READ_PROBES, mark)


class Summary(NamedTuple):
    """A value in words: its class, its length (None if it has none) and a bounded text."""

    type: str
    length: int | None
    text: str


@dataclass(frozen=True)
class Probe:
    """What one line gave one variable.

    Attributes:
        count: how often the line set it.
        first: its first values, at most three.
        last: its last values, at most three, none of them in `first`.
        numbers: a list of numbers that was set once, whole, as it was when the cell ended, so
            that a list filled in a loop is there too; () for anything else.
    """

    cell: int
    line: int
    name: str
    count: int
    first: tuple[Summary, ...]
    last: tuple[Summary, ...]
    numbers: tuple[float, ...] = ()

    @property
    def type(self) -> str:
        """The class of the last value."""
        return (self.last or self.first)[-1].type

    @property
    def length(self) -> int | None:
        """The length of the last value, if it has one."""
        return (self.last or self.first)[-1].length

    @property
    def text(self) -> str:
        """The value; of several, the first and last ones, e.g. `1, 2, 3 … 8, 9, 10`."""
        first = ", ".join(summary.text for summary in self.first)
        if not self.last:
            return first
        left_out = self.count > len(self.first) + len(self.last)
        return (
            first + (" … " if left_out else ", ") + ", ".join(summary.text for summary in self.last)
        )


def add_probes(tree: ast.Module, cell: int) -> ast.Module:
    """Put a probe after each assignment, in place."""
    if any(isinstance(node, ast.Try) for node in ast.walk(tree)):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in PROGRAM_ENDS:
                node.keywords.append(ast.keyword(VALUES, own_expression(_READ_PROBES)))
    added = _Probes(cell, _range_loops(tree)).visit(tree)
    assert isinstance(added, ast.Module)
    return ast.fix_missing_locations(added)


_NOTES = list[tuple[str, int, list[tuple[str, int, str]], list[tuple[str, int, str]], list[float]]]


def step_values(notes: object) -> list[StepValue]:
    """The probes as traces keep them, in the order of the lines' first values.

    Args:
        notes: raw, as the sandbox gave them.

    Raises:
        ModuleInputError, TraceError: they are not of the shape that the probes make.
    """
    return [_step_value(probe) for probe in read_probes(to_host(notes, _NOTES, (), where="probes"))]


def _step_value(probe: Probe) -> StepValue:
    text = probe.text if probe.count == 1 else f"{probe.count} times: {probe.text}"
    return StepValue(
        cell=probe.cell,
        line=probe.line,
        name=probe.name,
        type=probe.type,
        length=probe.length,
        text=text,
        count=probe.count,
        numbers=list(probe.numbers),
    )


def read_probes(value: object) -> tuple[Probe, ...]:
    """The probes as the sandbox gave them, checked field by field.

    Raises:
        TraceError: the value is not of the shape that the support code makes.
    """
    if not isinstance(value, list | tuple):
        raise _misshapen(value)
    return tuple(_probe(element) for element in value)


def _probe(value: object) -> Probe:
    match value:
        case [str() as key, int() as count, [_, *_] as first, [*last], [*numbers]]:
            cell, _, rest = key.partition(":")
            line, _, name = rest.partition(":")
            if cell.isdecimal() and line.isdecimal():
                return Probe(
                    int(cell),
                    int(line),
                    name,
                    count,
                    tuple(_summary(summary) for summary in first),
                    tuple(_summary(element) for element in last),
                    tuple(_number(number) for number in numbers),
                )
    raise _misshapen(value)


def _number(value: object) -> float:
    if isinstance(value, float):
        return value
    raise _misshapen(value)


def _summary(value: object) -> Summary:
    match value:
        case [str() as kind, int() as length, str() as text]:
            return Summary(kind, length if length >= 0 else None, text)
    raise _misshapen(value)


def _misshapen(value: object) -> TraceError:
    return TraceError(
        f"probes of a program's variables: a {type(value).__name__} is not of the shape they have.",
        hint="The worker cannot be trusted; discard it.",
    )


_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Assert)


class _Probes(ast.NodeTransformer):
    """Puts probes in; a line that may run often counts by itself, in a slot, once that will do."""

    def __init__(self, cell: int, ranges: Collection[ast.For]) -> None:
        self.cell = cell
        self.ranges = ranges
        self.slots: dict[str, int] = {}
        self.n_loops = 0
        self.n_functions = 0

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        if isinstance(node.value, ast.Lambda):
            return [node]
        return self._with_probes(node, node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        return self._with_probes(node, [node.target])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        return self._with_probes(node, [node.target] if node.value is not None else [])

    def visit_For(self, node: ast.For) -> ast.For:
        """The loop's variables, probed where its body begins if a call fits on that line."""
        self.n_loops += 1
        self.generic_visit(node)
        if node in self.ranges:
            node.iter = self._ranged(node.iter, node.target, node.lineno)
        elif isinstance(node.body[0], _SIMPLE):
            node.body = [*self._probes(node.body[0], [node.target], node.lineno), *node.body]
        self.n_loops -= 1
        return node

    def _ranged(self, numbers: ast.expr, target: ast.expr, line: int) -> ast.expr:
        """`ranged(key, numbers, lambda: name)`"""
        (name,) = _names([target])
        last = ast.Lambda(parameters(), load(name))
        wrapped = call("ranged", [self._key(line, name), numbers, last])
        return ast.copy_location(wrapped, numbers)

    def _key(self, line: int, name: str) -> ast.Constant:
        return ast.Constant(f"{self.cell}:{line}:{name.removesuffix(OWN)}")

    def visit_While(self, node: ast.While) -> ast.While:
        self.n_loops += 1
        self.generic_visit(node)
        self.n_loops -= 1
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.n_functions += 1
        self.generic_visit(node)
        self.n_functions -= 1
        return node

    def _with_probes(self, node: ast.stmt, targets: list[ast.expr]) -> list[ast.stmt]:
        return [node, *self._probes(node, targets, node.lineno)]

    def _probes(self, node: ast.stmt, targets: list[ast.expr], line: int) -> list[ast.stmt]:
        probes: list[ast.stmt] = []
        for name in dict.fromkeys(_names(targets)):
            key = f"{self.cell}:{line}:{name.removesuffix(OWN)}"
            runs_often = self.n_loops > 0 or self.n_functions > 0
            if runs_often and (key in self.slots or len(self.slots) < N_SLOTS):
                slot = self.slots.setdefault(key, len(self.slots))
                added = self._in_slot(slot, key, name)
            else:
                added = [ast.Expr(call("probe", [ast.Constant(key), load(name)]))]
            probes += [ast.copy_location(probe, node) for probe in added]
        return probes

    def _in_slot(self, slot: int, key: str, name: str) -> list[ast.stmt]:
        """`a = b; b = c; c = name; n = -~n or seen(slot, key, name)`, the four of the slot.

        Measured in the VM, of what keeps three values and counts: three assignments cost half of
        an append to a deque, `-~n` half of `n + 1`, and `n or` less than `if n`. A count of -1
        says that the line does not count by itself (yet), and `-~-1` is 0.
        """
        count, *kept = (f"{SUPPORT}{part}{slot}" for part in SLOT_PARTS)
        values = [*(load(newer) for newer in kept[1:]), load(name)]
        one_more = ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.Invert(), load(count)))
        first = call("seen", [ast.Constant(slot), ast.Constant(key), load(name)])
        added: list[ast.stmt] = [
            *(_assign(older, value) for older, value in zip(kept, values, strict=True)),
            _assign(count, ast.BoolOp(ast.Or(), [one_more, first])),
        ]
        if self.n_functions:
            added.insert(0, ast.Global([count, *kept]))
        return added


def _range_loops(tree: ast.Module) -> list[ast.For]:
    """The loops over a range that run once in a cell, and alone set their variable, with others.

    They stand in no loop and no function: their variable is still there when the cell is over.
    """
    loops: dict[str, list[ast.For]] = defaultdict(list)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.For(target=ast.Name(name), iter=ast.Call(ast.Name("range"), keywords=[])):
                if isinstance(node.body[0], _SIMPLE):
                    loops[name].append(node)
            case ast.For() | ast.While() | ast.FunctionDef() | ast.Lambda():
                pass
            case _:
                waiting.extend(ast.iter_child_nodes(node))
    times_set = Counter(name for name, _, _ in binding_nodes(tree))
    return [
        loop for name, alike in loops.items() if len(alike) == times_set[name] for loop in alike
    ]


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _names(targets: list[ast.expr]) -> list[str]:
    """The variables that a list of targets sets; for `d[k] = v`, the variable d."""
    found: list[str] = []
    for target in targets:
        if isinstance(target, ast.Name):
            found.append(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            found += _names(target.elts)
        elif isinstance(target, ast.Starred | ast.Subscript):
            found += _names([target.value])
    return found
