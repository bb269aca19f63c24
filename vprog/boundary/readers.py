"""From an annotation to the function that rebuilds a value of that type from a raw one.

Readers measure while they rebuild: they follow a value no deeper than its annotation goes, and
take each item and character from an allowance (size_check.py) before they touch it. They return
new values of exact types, ours among them; nothing of the original stays.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from vprog.boundary.clean_text import without_controls
from vprog.boundary.media_facts import MediaFacts, check_order
from vprog.boundary.size_check import (
    MAX_DEPTH,
    Allowance,
    AllowanceSpent,
    Refusal,
    check_int,
    describe,
    is_numpy_scalar,
    measure,
    measured,
)
from vprog.registry.signature import annotation_text
from vprog.types import VALUE_TYPES, Box, Frame, Span, Video

Reader = Callable[[object, "ReadContext"], object]


class ReadContext(msgspec.Struct, frozen=True):
    """What a value is read under: whose it is, and the run's videos where they are known."""

    from_module: bool
    allowance: Allowance
    facts: MediaFacts | None = None
    tolerance: int = 2
    """0: exact types; 1: an int may stand for a float; 2: and a tuple for a list."""


def read_value(
    raw: object,
    annotation: object,
    *,
    from_module: bool,
    facts: MediaFacts | None = None,
    tolerance: int = 2,
) -> object:
    """Measure and rebuild a raw value in one pass; walk it again only where that refuses.

    Raises:
        Refusal: it is too large, no plain value, or not what the annotation asks; what the
            bounded walk says of it comes first.
    """
    reader = reader_of(annotation)
    context = ReadContext(from_module, Allowance(), facts, tolerance)
    if _depth_of(annotation) <= MAX_DEPTH:
        try:
            return reader(raw, context)
        except (Refusal, AllowanceSpent):
            pass
    measure(raw, from_module=from_module)
    return reader(raw, replace(context, allowance=measured()))


@functools.cache
def _depth_of(annotation: object) -> int:
    """How deep values of an annotation are nested at most; unions count as a level."""
    inner = (
        typing.get_type_hints(annotation).values()
        if annotation in VALUE_TYPES
        else typing.get_args(annotation)
    )
    return 1 + max((_depth_of(argument) for argument in inner), default=0)


@functools.cache
def reader_of(annotation: object) -> Reader:
    """The reader of an annotation that `registry.signature.check_annotation` allows."""
    if annotation is None or annotation is type(None):
        return _none
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if annotation in VALUE_TYPES:
        return _record_reader(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(annotation, tuple(reader_of(argument) for argument in arguments))
    if origin is typing.Literal:
        return _literal_reader(annotation, arguments)
    if origin is list:
        return _list_reader(reader_of(arguments[0]))
    if origin is dict:
        return _dict_reader(reader_of(arguments[1]))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return _endless_tuple_reader(reader_of(arguments[0]))
        return _tuple_reader(annotation, tuple(reader_of(argument) for argument in arguments))
    raise TypeError(f"no values of {annotation!r} cross the boundary")


def _none(raw: object, context: ReadContext) -> None:
    if raw is not None:
        raise Refusal(f"must be None, got {describe(raw)}")


def _bool(raw: object, context: ReadContext) -> bool:
    raw = _plain(raw, context)
    if type(raw) is not bool:
        raise Refusal(f"must be a bool, got {describe(raw)}")
    return raw


def _int(raw: object, context: ReadContext) -> int:
    if type(raw) is int:
        check_int(raw)
        return raw
    raw = _plain(raw, context)
    if type(raw) is not int:
        raise Refusal(f"must be an int, got {describe(raw)}")
    return raw


def _float(raw: object, context: ReadContext) -> float:
    if type(raw) is not float:
        if type(raw) is int:
            check_int(raw)
        raw = _plain(raw, context)
        if type(raw) is int and context.tolerance:
            return float(raw)
        if type(raw) is not float:
            raise Refusal(f"must be a float, got {describe(raw)}")
    if raw - raw != 0.0:
        raise Refusal(f"must be a finite number, got {raw}")
    return raw + 0.0  # -0.0 becomes 0.0: equal arguments are one cache key


def _str(raw: object, context: ReadContext) -> str:
    if type(raw) is not str:
        raw = _plain(raw, context)
        if type(raw) is not str:
            raise Refusal(f"must be a str, got {describe(raw)}")
    context.allowance.take_text(len(raw))
    plain = without_controls(raw)
    if plain != raw and not context.from_module:
        raise Refusal("must be printable text, holds control characters or broken Unicode")
    return plain


_SCALARS: dict[object, Reader] = {bool: _bool, int: _int, float: _float, str: _str}


def _plain(raw: object, context: ReadContext) -> object:
    """A numpy number of a module as Python's own."""
    if context.from_module and type(raw).__module__ == "numpy" and is_numpy_scalar(type(raw)):
        return raw.item()  # type: ignore[attr-defined]
    return raw


def _union_reader(annotation: object, members: tuple[Reader, ...]) -> Reader:
    allows_none = _none in members

    def read(raw: object, context: ReadContext) -> object:
        if raw is None and allows_none:
            return None
        deepest: Refusal | None = None
        for tolerance in range(context.tolerance + 1):
            attempt = ReadContext(context.from_module, context.allowance, context.facts, tolerance)
            for member in members:
                try:
                    return member(raw, attempt)
                except Refusal as refusal:
                    if deepest is None or refusal.depth > deepest.depth:
                        deepest = refusal
        if deepest is not None and deepest.depth > 0:
            raise deepest
        raise Refusal(f"must be {annotation_text(annotation)}, got {describe(raw)}")

    return read


def _literal_reader(annotation: object, allowed: tuple[object, ...]) -> Reader:
    def read(raw: object, context: ReadContext) -> object:
        raw = _plain(raw, context)
        if type(raw) is str:
            context.allowance.take_text(len(raw))
        for item in allowed:
            if type(raw) is type(item) and raw == item:
                return item
        raise Refusal(f"must be one of {annotation_text(annotation)[8:-1]}, got {describe(raw)}")

    return read


def _list_reader(item: Reader) -> Reader:
    def read(raw: object, context: ReadContext) -> list[object]:
        if type(raw) is not list and not (type(raw) is tuple and context.tolerance == 2):
            raise Refusal(f"must be a list, got {describe(raw)}")
        return _items(raw, item, context)

    return read


def _items(raw: typing.Any, item: Reader, context: ReadContext) -> list[object]:
    context.allowance.take_nodes(len(raw))
    items: list[object] = []
    try:
        for element in raw:
            items.append(item(element, context))
    except Refusal as refusal:
        raise refusal.inside(f"[{len(items)}]") from None
    return items


def _dict_reader(item: Reader) -> Reader:
    def read(raw: object, context: ReadContext) -> dict[str, object]:
        if type(raw) is not dict:
            raise Refusal(f"must be a dict, got {describe(raw)}")
        context.allowance.take_nodes(2 * len(raw))
        values: dict[str, object] = {}
        for key, value in raw.items():
            if type(key) is not str:
                raise Refusal(f"must have keys of str, has {describe(key)}")
            plain = _str(key, context)
            try:
                values[plain] = item(value, context)
            except Refusal as refusal:
                raise refusal.inside(f"[{describe(plain)}]") from None
        return values

    return read


def _endless_tuple_reader(item: Reader) -> Reader:
    def read(raw: object, context: ReadContext) -> tuple[object, ...]:
        if type(raw) is not tuple:
            raise Refusal(f"must be a tuple, got {describe(raw)}")
        return tuple(_items(raw, item, context))

    return read


def _tuple_reader(annotation: object, items: tuple[Reader, ...]) -> Reader:
    def read(raw: object, context: ReadContext) -> tuple[object, ...]:
        if type(raw) is not tuple or len(raw) != len(items):
            raise Refusal(f"must be {annotation_text(annotation)}, got {describe(raw)}")
        context.allowance.take_nodes(len(items))
        values: list[object] = []
        for item, value in zip(items, raw, strict=True):
            try:
                values.append(item(value, context))
            except Refusal as refusal:
                raise refusal.inside(f"[{len(values)}]") from None
        return tuple(values)

    return read


def _record_reader(cls: type) -> Reader:
    """A reader of one of our NamedTuples: from ours, or from a look-alike of the interpreter's."""
    names: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
    hints = typing.get_type_hints(cls)
    readers = tuple(reader_of(hints[name]) for name in names)
    check = _CHECKS.get(cls, _ordered if {"start", "end"} <= set(names) else None)
    check = check or (_boxed if "frame" in names and "box" in names else None)
    check = check or (_timed if "time" in names else None)

    def read(raw: object, context: ReadContext) -> object:
        kind = type(raw)
        if kind is not cls and (context.from_module or not _looks_like(kind, cls.__name__, names)):
            raise Refusal(f"must be a {cls.__name__}, got {describe(raw)}")
        if tuple.__len__(raw) != len(names):  # type: ignore[arg-type]
            raise Refusal(f"must be a whole {cls.__name__}, has other fields")
        # Inside a value an int may stand for a float, whatever the union around it tries.
        inner = context if context.tolerance else replace(context, tolerance=1)
        context.allowance.take_nodes(len(names))
        fields: list[object] = []
        try:
            for reader, field in zip(readers, tuple.__iter__(raw), strict=True):  # type: ignore[arg-type, var-annotated]
                fields.append(reader(field, inner))
            value = cls(*fields)
            return value if check is None else check(value, inner)
        except Refusal as refusal:
            step = f".{names[len(fields)]}" if len(fields) < len(names) else ""
            raise refusal.inside(step) from None

    return read


def _looks_like(kind: type, name: str, fields: tuple[str, ...]) -> bool:
    """Whether a class is the interpreter's copy of ours: its name and its fields, exactly."""
    if not issubclass(kind, tuple) or kind.__name__ != name:
        return False
    listed = kind.__dict__.get("_fields")
    return type(listed) is tuple and listed == fields


def _video(value: typing.Any, context: ReadContext) -> object:
    return value if context.facts is None else context.facts.video(value)


def _frame(value: typing.Any, context: ReadContext) -> object:
    return value if context.facts is None else context.facts.frame(value)


def _span(value: typing.Any, context: ReadContext) -> object:
    if context.facts is not None:
        return context.facts.span(value)
    check_order(value.start, value.end)
    return value


def _box(value: typing.Any, context: ReadContext) -> object:
    if context.facts is not None:
        return context.facts.box(value, None)
    if value.x0 > value.x1 or value.y0 > value.y1:
        raise Refusal("must have x0 <= x1 and y0 <= y1")
    return value


def _boxed(value: typing.Any, context: ReadContext) -> object:
    """A box that was seen in a frame lies in the picture of that frame's video."""
    if context.facts is None:
        return value
    try:
        box = context.facts.box(value.box, value.frame.video)
        return value if box is value.box else value._replace(box=box)
    except Refusal as refusal:
        raise refusal.inside(".box") from None


def _ordered(value: typing.Any, context: ReadContext) -> object:
    if context.facts is None:
        check_order(value.start, value.end)
    else:
        context.facts.times(value.start, value.end)
    return value


def _timed(value: typing.Any, context: ReadContext) -> object:
    if context.facts is not None:
        context.facts.times(value.time, value.time)
    return value


_CHECKS: dict[type, Callable[[typing.Any, ReadContext], object]] = {
    Video: _video,
    Frame: _frame,
    Span: _span,
    Box: _box,
}
