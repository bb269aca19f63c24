"""From the registry's signatures to the one .pyi text that the type check reads."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterable

from vprog.once import once
from vprog.program import algebra
from vprog.program.parse import own_tree
from vprog.registry.signature import Parameter, Signature, annotation_text
from vprog.types import TIMED, VALUE_TYPES, EvidenceValue

HEADER = """\
from collections.abc import Iterable, Sequence
from typing import Callable, Iterator, Literal, NamedTuple, NoReturn, TypeVar, overload

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_R = TypeVar("_R")

@overload
def map(function: Callable[[_A], _R], a: Iterable[_A], /) -> Iterator[_R]: ...
@overload
def map(function: Callable[[_A, _B], _R], a: Iterable[_A], b: Iterable[_B], /) -> Iterator[_R]: ...
@overload
def map(
    function: Callable[[_A, _B, _C], _R], a: Iterable[_A], b: Iterable[_B], c: Iterable[_C], /
) -> Iterator[_R]: ...
@overload
def filter(function: None, items: Iterable[_A | None], /) -> Iterator[_A]: ...
@overload
def filter(function: Callable[[_A], object], items: Iterable[_A], /) -> Iterator[_A]: ...
def format(value: object, spec: str = ..., /) -> str: ...
"""
"""What the stubs begin with. The checker's own builtins lack map, filter and format."""

ANSWER = """\
_Evidence = {evidence}

def answer(
    value: str | float | int | list[float] | list[int] | list[str] | tuple[float, ...] | Span,
    evidence: Sequence[_Evidence] = ...,
) -> NoReturn: ...
def abstain(reason: str) -> NoReturn: ...

video: Video
videos: list[Video]
question: str
choices: list[str]
"""


def stub_text(signatures: Iterable[Signature]) -> str:
    """The stubs of everything that a program finds: classes, functions, modules, variables.

    Args:
        signatures: of the modules that programs may call, in any order.
    """
    modules = [
        module_stub(signature)
        for signature in sorted(signatures, key=lambda signature: signature.name)
    ]
    return "\n".join([_fixed_text(), *modules, ""])


def module_stub(signature: Signature) -> str:
    """One module as a stub, e.g. `def detect(frame: Frame, label: str) -> list[Detection]: ...`"""
    written: list[str] = []
    for at, parameter in enumerate(signature.parameters):
        before = signature.parameters[at - 1] if at else None
        if parameter.keyword_only and not (before and before.keyword_only):
            written.append("*")
        written.append(_parameter_stub(parameter))
    result = annotation_text(signature.returns)
    return f"def {signature.name}({', '.join(written)}) -> {result}: ..."


def _parameter_stub(parameter: Parameter) -> str:
    text = f"{parameter.name}: {_taken(parameter.annotation)}"
    return text if parameter.is_required else f"{text} = ..."


def _taken(annotation: object) -> str:
    """A parameter's annotation; a list may also be given as a list of a narrower type."""
    text = annotation_text(annotation)
    narrow = typing.get_origin(annotation) is list and text != "list[str]"
    return f"Sequence[{text[5:]}" if narrow else text


@once
def _fixed_text() -> str:
    evidence = " | ".join(kind.__name__ for kind in EvidenceValue.__args__)
    classes = [_class_stub(value_type) for value_type in VALUE_TYPES]
    return "\n".join([HEADER, *classes, _algebra_stubs(), ANSWER.format(evidence=evidence)])


def _class_stub(cls: type) -> str:
    lines = [f"class {cls.__name__}(NamedTuple):"]
    defaults = cls._field_defaults  # type: ignore[attr-defined]
    hints = typing.get_type_hints(cls)
    for name in cls._fields:  # type: ignore[attr-defined]
        default = f" = {defaults[name]!r}" if name in defaults else ""
        lines.append(f"    {name}: {annotation_text(hints[name])}{default}")
    return "\n".join([*lines, ""])


def _algebra_stubs() -> str:
    """The type aliases and the public functions of algebra.py, without their bodies."""
    timed = [value_type.__name__ for value_type in TIMED]
    aliases = {
        "Timed": f"Timed = {' | '.join(timed)}",
        "AnyTimed": f"AnyTimed = TypeVar('AnyTimed', {', '.join(timed)})",
    }
    kept: list[ast.stmt] = []
    for node in own_tree(inspect.getsource(algebra)).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            alias = aliases.get(node.targets[0].id)
            kept.append(own_tree(alias).body[0] if alias else node)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            node.body = [ast.Expr(ast.Constant(...))]
            kept.append(node)
    return ast.unparse(ast.Module(body=kept, type_ignores=[]))
