"""What a sandbox is fed before the first cell: the value classes and the value algebra.

`source()` is the text to feed (unchecked, about 1 ms); `signatures()` describe the
functions for the stubs and the prompt. The functions themselves are in algebra.py, the
lowering's own support in lowering/support*.py; both are ordinary Python of this package,
stripped of what only the host needs.

How values cross (pydantic-monty 1.4, for the boundary): a NamedTuple of the host enters as
a structure of its own; it prints as `Span(start=..., end=...)` if its `__module__` is
"builtins" (any other module name is printed before it). Inside it has its fields, its
length, equality with and hash as a tuple, but no `_replace`, `_asdict` or `_fields`, its
`type(v).__name__` is "namedtuple", and it is no instance of the sandbox's own `Span`.
Coming out, such a value and one made inside by `Span(...)` look alike: a NamedTuple of a
class new at each crossing, with `__name__` "Span", `__module__` "__main__" and `_fields`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType

from vprog.once import once
from vprog.program import algebra
from vprog.program.allowed_syntax import words
from vprog.program.monty_compat import support, support_callbacks, support_values
from vprog.program.monty_compat.build_nodes import SUPPORT
from vprog.program.monty_compat.marks import mark_text
from vprog.program.parse import own_tree
from vprog.types import VALUE_TYPES

_MADE_HERE = ("CLASSES", "FIELDS")
_NAMES_ONLY = ("announce", "slots")
"""Called inside, and made elsewhere: by the host, which answers it like a module, and below."""

SHADOWED = words(
    "BaseException KeyboardInterrupt MemoryError SystemExit eval exec getattr locals setattr"
)
"""Builtins of the VM that are None for programs: `exec` runs what no check has read, `locals`
shows the names of support code, a handler of BaseException swallows the end of a program, and a
MemoryError that is raised reads like a limit."""


@dataclass(frozen=True)
class PreludeFunction:
    """One function of the value algebra, as the prompt and the stubs show it."""

    name: str
    signature: str
    doc: str

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.splitlines()[0]


def source(mark: str = "") -> str:
    """The text that makes the value classes, the value algebra and the support inside.

    Args:
        mark: of the run, in the names of the support; see monty_compat/marks.py.
    """
    return mark_text(_source(), mark)


def signatures() -> tuple[PreludeFunction, ...]:
    """Every function of the value algebra, in the order of algebra.py."""
    return _signatures()


def value_fields() -> dict[str, tuple[str, ...]]:
    """The field names of each value class, in the order of vprog.types."""
    return {value_type.__name__: tuple(value_type._fields) for value_type in VALUE_TYPES}  # type: ignore[attr-defined]


def _public_functions() -> list[FunctionType]:
    return [
        function
        for name, function in vars(algebra).items()
        if isinstance(function, FunctionType)
        and function.__module__ == algebra.__name__
        and not name.startswith("_")
    ]


FUNCTIONS: tuple[str, ...] = tuple(
    public_function.__name__ for public_function in _public_functions()
)
"""The names of the value algebra."""


@once
def _signatures() -> tuple[PreludeFunction, ...]:
    return tuple(
        PreludeFunction(
            public_function.__name__,
            f"{public_function.__name__}{inspect.signature(public_function)}".replace("'", ""),
            inspect.getdoc(public_function) or "",
        )
        for public_function in _public_functions()
    )


@once
def _source() -> str:
    lines = [f"import collections as {SUPPORT}collections"]
    for value_type in VALUE_TYPES:
        fields: tuple[str, ...] = value_type._fields  # type: ignore[attr-defined]
        defaults = value_type._field_defaults  # type: ignore[attr-defined]
        written = ", ".join(repr(defaults[name]) for name in fields if name in defaults)
        lines.append(
            f"{value_type.__name__} = {SUPPORT}collections.namedtuple("
            f"{value_type.__name__!r}, {' '.join(fields)!r}, defaults=[{written}])"
        )
    classes = ", ".join(
        f"({value_type.__name__!r}, {value_type.__name__})" for value_type in VALUE_TYPES
    )
    lines.append(f"{SUPPORT}CLASSES = [{classes}]")
    lines.append(f"{SUPPORT}FIELDS = {value_fields()!r}")
    lines.append(inside_text([algebra], rename_all=False))
    lines.append(inside_text([support_values, support, support_callbacks], rename_all=True))
    lines.append(_slots(support_values.N_SLOTS, support_values.SLOT_PARTS))
    lines.append(" = ".join([*sorted(SHADOWED), "None"]))
    return "\n".join(lines) + "\n"


def _slots(n_slots: int, parts: str) -> str:
    """Variables in which the probes of lines in loops count and keep their last values."""
    slots = [[f"{SUPPORT}{part}{slot}" for part in parts] for slot in range(n_slots)]
    counts = " = ".join(count for count, *_ in slots)
    kept = " = ".join(name for _, *names in slots for name in names)
    pairs = ", ".join(f"({count}, [{', '.join(names)}])" for count, *names in slots)
    return (
        f"{counts} = -1\n{kept} = None\n"
        f"def {SUPPORT}slots():\n"
        f"    global {', '.join(name for names in slots for name in names)}\n"
        f"    slots = [{pairs}]\n"
        f"    {counts} = -1\n"
        f"    {kept} = None\n"
        "    return slots"
    )


def inside_text(modules: Sequence[ModuleType], *, rename_all: bool) -> str:
    """Modules of this package as the sandbox runs them.

    Annotations, docstrings and imports of this package go; names that begin with an
    underscore (with `rename_all`, every name) get the support prefix.
    """
    nodes = [node for module in modules for node in own_tree(inspect.getsource(module)).body]
    kept: list[ast.stmt] = []
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {name.asname: _inside_name(name.asname) for name in node.names if name.asname}
            kept.append(node)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            if rename_all or node.name.startswith("_"):
                names[node.name] = _inside_name(node.name)
            if node.name not in _NAMES_ONLY:
                kept.append(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            if name.isupper() and not name.startswith("_"):
                names[name] = _inside_name(name)
                if name not in _MADE_HERE:
                    kept.append(node)
    inside = _Inside(names)
    return ast.unparse(
        ast.Module(body=[inside.visit(statement) for statement in kept], type_ignores=[])
    )


def _inside_name(name: str) -> str:
    return SUPPORT + name.lstrip("_")


class _Inside(ast.NodeTransformer):
    """Strips annotations and docstrings, and renames."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self.names.get(node.name, node.name)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self.names.get(node.name, node.name)
        node.body = node.body[1:]  # its docstring
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_alias(self, node: ast.alias) -> ast.alias:
        if node.asname:
            node.asname = self.names.get(node.asname, node.asname)
        return node
