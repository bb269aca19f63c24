"""Modules, value classes and value algebra as a language model reads them."""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Iterable

from vprog.program.prelude import PreludeFunction
from vprog.registry.docstring import sections_of
from vprog.registry.signature import Signature, annotation_text
from vprog.types import VALUE_TYPES, Box, Frame, Span, Video


class Detail(enum.IntEnum):
    """How much of a module's docstring is shown."""

    LINE = 1
    BRIEF = 2
    FULL = 3


SHOWN = {
    Detail.LINE: (),
    Detail.BRIEF: ("Returns",),
    Detail.FULL: ("Args", "Returns", "Example"),
}


def describe_module(signature: Signature, detail: Detail) -> str:
    """A signature with as much of its docstring as `detail` says, indented as in Python."""
    parts = sections_of(signature.doc)
    opening = parts.pop("")
    lines = [signature.summary if detail is Detail.LINE else opening]
    lines += [f"{name}:\n{parts[name]}" for name in SHOWN[detail] if name in parts]
    body = "\n".join(line.rstrip() for part in lines for line in part.split("\n") if line.strip())
    return signature.text() + "\n" + "\n".join(f"    {line}" for line in body.split("\n"))


def describe_function(function: PreludeFunction) -> str:
    """A function of the value algebra in one line."""
    return f"{function.signature}: {function.summary}"


def describe_values(signatures: Iterable[Signature]) -> list[str]:
    """The value classes that the modules take or give, and what these are made of."""
    wanted: set[type] = {Video, Frame, Box, Span}
    for signature in signatures:
        for annotation in [signature.returns, *(one.annotation for one in signature.parameters)]:
            wanted |= _classes_in(annotation)
    return [_describe_class(value_type) for value_type in VALUE_TYPES if value_type in wanted]


def _describe_class(cls: type) -> str:
    hints = typing.get_type_hints(cls)
    defaults: dict[str, object] = cls._field_defaults  # type: ignore[attr-defined]
    fields = ", ".join(
        f"{name}: {annotation_text(hint)}" + (f" = {defaults[name]!r}" if name in defaults else "")
        for name, hint in hints.items()
    )
    doc = " ".join((inspect.getdoc(cls) or "").split())
    return f"{cls.__name__}({fields}): {doc}"


def _classes_in(annotation: object) -> set[type]:
    """The value classes that an annotation names, and those in their fields."""
    if isinstance(annotation, type) and annotation in VALUE_TYPES:
        inner = [_classes_in(hint) for hint in typing.get_type_hints(annotation).values()]
        return {annotation}.union(*inner)
    return set().union(*(_classes_in(arg) for arg in typing.get_args(annotation)))
