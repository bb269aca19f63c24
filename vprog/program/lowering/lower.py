"""From a checked program to the text that runs, and back from its positions to lines.

    apart    a module's name as a module and as a variable, kept apart
    idioms   what the VM lacks, rewritten with the same result
    announce loops say beforehand which calls they will make
    probes   a summary of each variable after its assignment
    emit     text again, on the same lines

The type check reads `text_to_check`, the same program with only the names kept apart.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from vprog.program.allowed_imports import TYPING_MODULES
from vprog.program.allowed_syntax import BUILTINS, EXCEPTIONS, PROGRAM_ENDS
from vprog.program.earlier_cells import Earlier, earlier_cells
from vprog.program.lowering.announce import announce_calls
from vprog.program.lowering.emit import Emitted, emit
from vprog.program.lowering.name_roles import OWN, keep_apart, restore_names
from vprog.program.lowering.probes import (
    Probe,
    Summary,
    add_probes,
    probes_text,
    read_probes,
)
from vprog.program.monty_compat.bound_methods import ProgramNames, call_on_objects
from vprog.program.monty_compat.build_nodes import Marks
from vprog.program.monty_compat.idioms import rewrite_idioms
from vprog.program.monty_compat.marks import mark_names
from vprog.program.prelude import FUNCTIONS
from vprog.program.program import Program

__all__ = [
    "CheckText",
    "Lowered",
    "Probe",
    "Summary",
    "lower",
    "probes_text",
    "read_probes",
    "restore_names",
    "text_to_check",
]


@dataclass(frozen=True)
class Lowered:
    """One cell as it runs.

    Attributes:
        program: the cell as it was written.
        makes_flows: whether it, or a cell before it, makes generators that call the host.
        renamed: its names that were kept apart; see `restore_names`.
    """

    program: Program
    emitted: Emitted
    makes_flows: bool = False
    renamed: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        """The text to feed; its value is None, whatever its last line is."""
        return self.emitted.text

    def line_of(self, offset: int) -> int:
        """The program's line of a call, from the byte offset where the VM says it starts."""
        return self.emitted.line_of(offset)

    def line_at(self, line: int, column: int = 1) -> int:
        """The program's line of a position in a traceback (line and column from 1)."""
        place = (line, column)
        if place not in self._lines:
            self._lines[place] = _line_at(self.emitted, line, column)
        return self._lines[place]

    @functools.cached_property
    def _lines(self) -> dict[tuple[int, int], int]:
        """Of positions that were asked for: the calls of a loop stand at one."""
        return {}


@dataclass(frozen=True)
class CheckText:
    """A program as the type check reads it; `restore_names` undoes its renaming in messages."""

    text: str
    emitted: Emitted | None
    renamed: frozenset[str] = frozenset()

    def line_at(self, line: int, column: int = 1) -> int:
        """The program's line of a position in a diagnostic (line and column from 1)."""
        if self.emitted is None:
            return line
        return _line_at(self.emitted, line, column)


def lower(
    source: str | Program,
    *,
    modules: Collection[str],
    before: Sequence[Lowered] = (),
    cell: int = 0,
    probes: bool = True,
    ahead: Collection[str] = (),
    mark: str = "",
) -> Lowered:
    """Rewrite one cell that the gate has passed.

    Args:
        source: the cell.
        modules: the tasks that programs may call.
        before: the earlier cells of the path.
        cell: the number of the cell, given back in each Probe.
        probes: whether to put probes of variables in.
        ahead: the tasks whose calls loops announce.
        mark: of the run; the prelude that was fed has the same.

    Raises:
        ProgramRejectedError: the text is not Python; nothing else is checked here.
    """
    program = Program.of(source)
    rewritten = _rewritten(program, frozenset(modules), before)
    by_item = not any("defaultdict" in text for text in (program.text, *_texts(before)))
    tree = announce_calls(rewritten.tree, ahead, by_item=by_item)
    if probes:
        tree = add_probes(tree, cell)
    emitted = emit(mark_names(tree, rewritten.written, mark))
    return Lowered(program, emitted, rewritten.makes_flows, rewritten.renamed)


def _texts(before: Sequence[Lowered]) -> list[str]:
    return [lowered.program.text for lowered in before]


class _Rewritten(NamedTuple):
    """One cell rewritten; `written` are the nodes of it that the program itself wrote."""

    tree: ast.Module
    makes_flows: bool
    renamed: frozenset[str]
    written: Marks


def _rewritten(program: Program, modules: frozenset[str], before: Sequence[Lowered]) -> _Rewritten:
    earlier = earlier_cells([lowered.program for lowered in before])
    algebra = frozenset(FUNCTIONS)
    names = ProgramNames(
        modules=modules | PROGRAM_ENDS,
        algebra=algebra,
        imports=earlier.imports,
        from_names=earlier.from_names,
        has_flows=any(lowered.makes_flows for lowered in before),
    )

    written = Marks()

    def own_names() -> tuple[ast.Module, frozenset[str]]:
        copied = program.copied_tree()
        written.add(ast.walk(copied))
        tree, renamed = keep_apart(copied, modules=modules, algebra=algebra, earlier=earlier)
        if not before:
            tree = call_on_objects(tree)
        return _without_imports(tree, TYPING_MODULES), renamed

    own, renamed = own_names()
    tree, makes_flows = rewrite_idioms(own, names)
    if makes_flows and not names.has_flows:  # known only now, and it changes what stands before
        names = replace(names, has_flows=True)
        tree, _ = rewrite_idioms(own_names()[0], names)
    return _Rewritten(tree, names.has_flows, renamed, written)


def text_to_check(source: str | Program, *, modules: Collection[str]) -> CheckText:
    """The program for the type check: the same lines, with names kept apart if need be.

    Args:
        source: the cells of a path joined together.
        modules: the tasks that programs may call.
    """
    program = Program.of(source)
    tree = program.tree
    taken = frozenset(modules) | frozenset(FUNCTIONS) | PROGRAM_ENDS | BUILTINS | EXCEPTIONS
    is_plain = not (_keys_by_get(tree) or _answers_by_key(tree) or taken & program.bound)
    if is_plain and "__future__" not in program.text:
        return CheckText(program.text, None)
    tree = program.copied_tree()
    for method in _keys_by_get(tree):
        method.attr = "__getitem__"
    for call in _answers_by_key(tree):
        named = ast.NamedExpr(ast.Name(f"value{OWN}", ast.Store()), call.args[0])
        call.args[0] = ast.copy_location(named, call.args[0])
        ast.fix_missing_locations(call)
    tree, renamed = keep_apart(
        tree, modules=frozenset(modules), algebra=frozenset(FUNCTIONS), earlier=Earlier()
    )
    emitted = emit(_without_imports(tree, {"__future__"}), annotations=True)
    return CheckText(emitted.text, emitted, renamed | {"value"})


def _keys_by_get(tree: ast.Module) -> list[ast.Attribute]:
    """The `d.get` of each `key=d.get`: to the checker its None cannot be compared."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
        and node.arg == "key"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "get"
    ]


def _answers_by_key(tree: ast.Module) -> list[ast.Call]:
    """The calls `answer(max(d, key=lambda k: d[k]))`.

    The checker pushes what `answer` takes into its argument, and so into the lambda, which
    then should take a tuple. A name between the two stops it.
    """
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "answer"
        and node.args
        and isinstance(node.args[0], ast.Call)
        and any(isinstance(inner, ast.Lambda) for inner in ast.walk(node.args[0]))
    ]


def _line_at(emitted: Emitted, line: int, column: int) -> int:
    rows = emitted.text.split("\n")
    return emitted.line_of(sum(len(row) + 1 for row in rows[: line - 1]) + column - 1)


def _without_imports(tree: ast.Module, modules: Collection[str]) -> ast.Module:
    """Imports from some modules replaced by `pass`, unless a name of theirs is read when run."""
    read = _names_read(tree)
    for parent in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(parent, field, None)
            if not isinstance(body, list):
                continue
            for index, node in enumerate(body):
                if isinstance(node, ast.ImportFrom) and node.module in modules:
                    if not read & {alias.asname or alias.name for alias in node.names}:
                        body[index] = ast.copy_location(ast.Pass(), node)
                    else:
                        node.module = "typing"
    return tree


def _names_read(tree: ast.Module) -> set[str]:
    """The names that are read when the program runs: those in annotations are not."""
    names: set[str] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns"):
                continue
            parts = value if isinstance(value, list) else [value]
            stack.extend(part for part in parts if isinstance(part, ast.AST))
    return names
