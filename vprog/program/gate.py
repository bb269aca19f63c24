"""The first check: an allow-list over a program's text and syntax tree.

Security rests on the VM and the boundary as well; what only the gate gives is
messages that the program's writer can repair from. Types are sandbox/type_check.py's.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from vprog.program.allowed_imports import IMPORTABLE, from_problems, import_problems, where_from
from vprog.program.allowed_syntax import (
    ATTRIBUTES,
    BUILTINS,
    EXCEPTIONS,
    MACHINE_NAMES,
    NODES,
    PLAIN_TYPES,
    PLAIN_WORDS,
    PROGRAM_ENDS,
    PROGRAM_VALUES,
    REFUSED_ATTRIBUTES,
    REFUSED_NAMES,
    REFUSED_NODES,
    VALUE_CLASSES,
)
from vprog.program.bindings import binding_nodes, is_name_allowed
from vprog.program.earlier_cells import Earlier, earlier_cells
from vprog.program.parse import compile_problem
from vprog.program.prelude import FUNCTIONS
from vprog.program.problem import Problem, Suggestions, rejection
from vprog.program.program import Program
from vprog.program.scopes import own_reads

MAX_TEXT = 4_096
"""Characters of one literal text: longer than any prompt to a module needs to be."""

MAX_INT = 2**63
"""The first whole number that does not fit 64 bits; nothing in a video is counted so far."""

NOTHING_ABSENT: Mapping[str, str] = MappingProxyType({})
"""Of the tasks that are known, all can be called."""


def check_program(
    source: str | Program,
    *,
    modules: Collection[str],
    before: Sequence[str | Program] = (),
    must_end: bool = False,
    absent: Mapping[str, str] = NOTHING_ABSENT,
) -> None:
    """Refuse a program that uses more of Python than programs may.

    Args:
        source: one cell.
        modules: the tasks that programs may call, e.g. {"detect"}.
        before: the earlier cells of the same path.
        must_end: whether the text must call `answer` or `abstain` somewhere.
        absent: why each further task that is known cannot be called here, and what to do.

    Raises:
        ProgramRejectedError: with every problem found, up to MAX_PROBLEMS.
    """
    problems = find_problems(
        source, modules=modules, before=before, must_end=must_end, absent=absent
    )
    if problems:
        raise rejection(problems)


def find_problems(
    source: str | Program,
    *,
    modules: Collection[str],
    before: Sequence[str | Program] = (),
    must_end: bool = False,
    absent: Mapping[str, str] = NOTHING_ABSENT,
) -> list[Problem]:
    """The problems that `check_program` would raise; a text that cannot be parsed still raises."""
    program = Program.of(source)
    problems = _Walk(program, frozenset(modules), earlier_cells(before), absent).problems()
    if not problems:
        uncompiled = compile_problem(program.tree)
        if uncompiled is not None:
            problems.append(uncompiled)
    if must_end and not program.is_ending:
        body = program.tree.body
        last = body[-1].end_lineno if body else 1
        problems.append(
            Problem(last or 1, "the program never ends: call answer(value, evidence=[...]) last.")
        )
    return problems


class _Walk:
    """One pass over the tree; each `_check_*` looks at one kind of node."""

    def __init__(
        self,
        program: Program,
        modules: frozenset[str],
        earlier: Earlier,
        absent: Mapping[str, str],
    ) -> None:
        self.tree = program.tree
        self.modules = modules
        self.absent = absent
        self.own_reads = own_reads(self.tree, earlier.names)
        self.at_hand = (
            modules | PROGRAM_VALUES | PROGRAM_ENDS | VALUE_CLASSES | frozenset(FUNCTIONS)
        )
        self.given = self.at_hand | BUILTINS | EXCEPTIONS | {"__name__"}
        self.known = self.given | program.bound | earlier.names
        self.suggestions = Suggestions()
        self.imported = dict(earlier.imports) | program.imports
        self.refusals: list[Problem] = []
        self.skip: set[int] = set()
        self.callees: set[int] = set()

    def problems(self) -> list[Problem]:
        self._check_bindings()
        stack: list[tuple[ast.AST, int]] = [(self.tree, 1)]
        while stack:
            node, line = stack.pop()
            line = getattr(node, "lineno", line)
            if not isinstance(node, NODES) or isinstance(node, ast.MatMult):
                self._say(line, self._refused(node))
                continue
            check = getattr(self, f"_check_{type(node).__name__}", None)
            if check is not None:
                check(node, line)
            stack.extend((child, line) for child in ast.iter_child_nodes(node))
        return sorted(set(self.refusals))

    def _say(self, line: int, message: str) -> None:
        self.refusals.append(Problem(line, message))

    @staticmethod
    def _refused(node: ast.AST) -> str:
        kind = type(node).__name__
        return REFUSED_NODES.get(kind, f"this syntax ({kind}) is not available") + "."

    def _check_bindings(self) -> None:
        for name, line, how in binding_nodes(self.tree):
            if not is_name_allowed(name):
                self._say(
                    line, f'the name "{name}" cannot be used. Use a-z, 0-9 and single underscores.'
                )
            elif how in ("def", "from") and name in self.modules | PROGRAM_ENDS:
                what = "function" if how == "def" else "import"
                self._say(
                    line,
                    f'the {what} "{name}" would hide the module {name}(...). '
                    f'Give it another name, e.g. "my_{name}".',
                )
            elif name in _NOT_TO_BIND:
                self._say(line, f'"{name}" is a name of Python itself. Use another, "my_{name}".')
            elif name in VALUE_CLASSES:
                self._say(line, f'"{name}" is a class of values. Give it another name.')

    def _check_Assign(self, node: ast.Assign, line: int) -> None:
        for target in node.targets:
            if (
                isinstance(node.value, ast.Lambda)
                and isinstance(target, ast.Name)
                and target.id in self.modules | PROGRAM_ENDS
            ):
                self._say(
                    line,
                    f'calling "{target.id}" means the module, not this lambda. '
                    f'Give it another name, e.g. "my_{target.id}".',
                )

    def _check_Name(self, node: ast.Name, line: int) -> None:
        """A name must be given, or bound in a scope that reaches to where it is read."""
        is_own = id(node) in self.own_reads
        if isinstance(node.ctx, ast.Load) and not is_own and node.id not in self.given:
            if node.id in REFUSED_NAMES:
                self._say(line, f'"{node.id}" is not available. {REFUSED_NAMES[node.id]}.')
            elif node.id in IMPORTABLE:
                self._say(line, f'"{node.id}" is not imported. Add: import {node.id}')
            elif node.id in self.absent:
                self._say(line, f'the module "{node.id}" cannot run here: {self.absent[node.id]}')
            else:
                near = self.suggestions.near(node.id, self.known) or where_from(node.id)
                self._say(line, f'the name "{node.id}" is not defined.{near}')
        # Called, the name means the builtin, whatever a variable of that name holds.
        is_builtin = not is_own or id(node) in self.callees
        if node.id in _REFLECTION and id(node) not in self.skip and is_builtin:
            self._say(line, _REFLECTION[node.id])

    def _check_Attribute(self, node: ast.Attribute, line: int) -> None:
        name = node.attr
        if not isinstance(node.ctx, ast.Load):
            self._say(
                line,
                f"fields cannot be assigned (.{name} = ...): values do not change. "
                "Make a new value, or use a variable.",
            )
        elif _is_type_name(node):
            self.skip.add(id(node.value.func))  # type: ignore[attr-defined]
        elif isinstance(node.value, ast.Name) and node.value.id in self.imported:
            module = self.imported[node.value.id]
            if name not in IMPORTABLE[module].names:
                near = self.suggestions.near(name, IMPORTABLE[module].names)
                self._say(line, f'{module} has no "{name}" here.{near}')
        elif name == "format" and not (_is_literal(node.value) and id(node) in self.callees):
            self._say(line, "format is for literal text only. Use an f-string.")
        elif name == "__getitem__" and id(node) not in self.callees:
            return
        elif name not in ATTRIBUTES:
            advice = REFUSED_ATTRIBUTES.get(name)
            tail = f" {advice}." if advice else self.suggestions.near(name, ATTRIBUTES)
            self._say(line, f'no value has ".{name}".{tail}')

    def _check_Call(self, node: ast.Call, line: int) -> None:
        function = node.func
        self.callees.add(id(function))
        if isinstance(function, ast.Name) and function.id == "isinstance":
            if len(node.args) == 2 and _names_of(node.args[1]) <= PLAIN_TYPES:
                self.skip.add(id(function))
        elif isinstance(function, ast.Attribute) and function.attr == "format":
            problem = _format_problem(function.value)
            if problem:
                self._say(line, problem)
        elif isinstance(function, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Tuple):
            self._say(line, "this is not a function and cannot be called.")

    def _check_Constant(self, node: ast.Constant, line: int) -> None:
        value = node.value
        if isinstance(value, str) and len(value) > MAX_TEXT:
            self._say(line, f"a text has {len(value)} characters; at most {MAX_TEXT} are allowed.")
        elif isinstance(value, int) and abs(value) >= MAX_INT:
            self._say(line, "a whole number is too large. Use at most 18 digits.")
        elif isinstance(value, bytes | complex):
            self._say(line, f"{type(value).__name__} values are not available. Use text or floats.")

    def _check_FunctionDef(self, node: ast.FunctionDef, line: int) -> None:
        if node.decorator_list:
            self._say(line, "decorators are not available. Remove the line with @.")
        if getattr(node, "type_params", None):
            self._say(line, "type parameters are not available. Remove the [...] after the name.")

    def _check_comprehension(self, node: ast.comprehension, line: int) -> None:
        if node.is_async:
            self._say(line, "`async for` is not available. Write a plain `for`.")

    def _check_ExceptHandler(self, node: ast.ExceptHandler, line: int) -> None:
        if node.type is None:
            self._say(line, "a bare `except:` is not available. Write `except Exception:`.")
            return
        unknown = sorted(_names_of(node.type) - EXCEPTIONS)
        if unknown and unknown[0] not in REFUSED_NAMES:  # of those _check_Name has more to say
            near = self.suggestions.near(unknown[0], EXCEPTIONS)
            self._say(
                line, f"`except` takes the builtin errors only.{near} Write `except Exception:`."
            )

    def _check_Try(self, node: ast.Try, line: int) -> None:
        for inner in _in_same_flow(node.finalbody):
            if isinstance(inner, ast.Return | ast.Break | ast.Continue):
                word = type(inner).__name__.lower()
                self._say(inner.lineno, f"`{word}` in `finally` is not available. Move it below.")

    def _check_Import(self, node: ast.Import, line: int) -> None:
        for message in import_problems(node, self.at_hand):
            self._say(line, message)

    def _check_ImportFrom(self, node: ast.ImportFrom, line: int) -> None:
        for message in from_problems(node, self.at_hand, self.suggestions):
            self._say(line, message)


_NOT_TO_BIND = (MACHINE_NAMES | frozenset(REFUSED_NAMES)) - PLAIN_WORDS

_REFLECTION = {
    "isinstance": "isinstance is available for int, float, str, bool, list, tuple, dict and set "
    "only: a value's kind is known from the call that made it. Compare with None instead.",
    "type": "type is available as type(x).__name__ only. Compare with None instead.",
}


def _names_of(node: ast.expr) -> set[str]:
    """The plain names in `X` or `(X, Y)`; a name no table knows for anything else."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {part.id if isinstance(part, ast.Name) else "?" for part in parts}


def _is_type_name(node: ast.Attribute) -> bool:
    call = node.value
    return (
        node.attr == "__name__"
        and isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "type"
        and len(call.args) == 1
        and not call.keywords
        and not isinstance(call.args[0], ast.Starred)
    )


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _format_problem(text: ast.expr) -> str:
    """Why a literal's `.format` is refused: a field that is no plain name reaches attributes."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return ""
    try:
        fields = list(string.Formatter().parse(text.value))
        inner = [part for _, _, spec, _ in fields for part in string.Formatter().parse(spec or "")]
    except ValueError as error:
        return f"this format text is not well formed: {error}."
    for _, name, _, _ in [*fields, *inner]:
        if name and not (name.isidentifier() or name.isdigit()):
            return f"the format field {{{name}}} is not plain. Use an f-string."
    return ""


def _in_same_flow(body: list[ast.stmt]) -> list[ast.AST]:
    """Every node under `body`, functions defined in it left out."""
    nodes: list[ast.AST] = []
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        nodes.append(node)
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return nodes
