"""Values as JSON and back: for traces, the cache file and cache keys.

    Span(1.0, 2.5)      {"$type": "Span", "start": 1.0, "end": 2.5}
    (1.0, 2.0)          {"$type": "tuple", "items": [1.0, 2.0]}
    [..], {..}, text, numbers, None    themselves; a dict with a key "$type" is wrapped

Equal values give equal bytes and come back as equal values of the same types; whole numbers
and floats stay apart. Only checked values are encoded. What is read may come from anybody: every
field is of its type, numbers are finite, boxes and spans the right way round and where the
boundary lets them be, or it is refused.
"""

from __future__ import annotations

import functools
import math
import types
import typing
from collections.abc import Callable
from typing import Any

import msgspec

from vprog.errors import TraceError
from vprog.types import VALUE_TYPES, Box
from vprog.types.time import MAX_SECONDS

_TAG = "$type"
_CLASSES: dict[str, Any] = {value_type.__name__: value_type for value_type in VALUE_TYPES}
_FIELDS: dict[type, tuple[str, ...]] = {
    value_type: value_type._fields  # type: ignore[attr-defined]
    for value_type in VALUE_TYPES
}
_SIMPLE = frozenset({str, int, bool, type(None)})
_MAX_DEPTH = 64


def encode(value: object) -> bytes:
    """A value as JSON.

    Raises:
        TypeError: it holds something that is no value.
        ValueError: it holds NaN or an infinity, or is nested too deep.
    """
    return msgspec.json.encode(_plain(value, 0))


def decode(data: bytes | str) -> Any:
    """The value that `encode` wrote.

    Raises:
        TraceError: the bytes are not of its making.
    """
    try:
        return _value(msgspec.json.decode(data), 0)
    except (
        msgspec.DecodeError,
        ArithmeticError,
        TypeError,
        ValueError,
        KeyError,
        RecursionError,
    ) as error:
        raise TraceError(
            f"a stored value cannot be read: {error}.",
            hint="The file was changed, or is of another version of vprog.",
        ) from error


def _plain(value: Any, depth: int) -> object:
    kind = type(value)
    if kind in _SIMPLE:
        return value
    if kind is float:
        if not math.isfinite(value):
            raise ValueError(f"only finite numbers are stored, got {value}")
        return value
    if depth > _MAX_DEPTH:
        raise ValueError(f"values are nested at most {_MAX_DEPTH} deep")
    fields = _FIELDS.get(kind)
    if fields is not None:
        record: dict[str, object] = {_TAG: kind.__name__}
        for name, field in zip(fields, value, strict=True):
            is_plain = type(field) in _SIMPLE or (type(field) is float and field - field == 0.0)
            record[name] = field if is_plain else _plain(field, depth + 1)
        return record
    if kind is list:
        return [item if type(item) in _SIMPLE else _plain(item, depth + 1) for item in value]
    if kind is tuple:
        return {_TAG: "tuple", "items": [_plain(item, depth + 1) for item in value]}
    if kind is dict:
        plain = {
            key if type(key) is str else _text(key): (
                item if type(item) in _SIMPLE else _plain(item, depth + 1)
            )
            for key, item in value.items()
        }
        return {_TAG: "dict", "items": plain} if _TAG in plain else plain
    raise TypeError(f"{kind.__module__}.{kind.__name__} is no value")


def _text(key: object) -> str:
    if type(key) is not str:
        raise TypeError(f"keys of a dict are text, got {type(key).__name__}")
    return key


def _value(plain: Any, depth: int) -> object:
    if type(plain) is float and not math.isfinite(plain):
        raise ValueError("it holds a number that is not finite")
    if type(plain) not in (list, dict):
        return plain
    if depth > _MAX_DEPTH:
        raise ValueError("it is nested too deep")
    if type(plain) is list:
        return [item if type(item) in _SIMPLE else _value(item, depth + 1) for item in plain]
    tag = plain.get(_TAG)
    if tag is None:
        return {key: _value(item, depth + 1) for key, item in plain.items()}
    if tag == "tuple":
        return tuple([_value(item, depth + 1) for item in _items(plain, list)])
    if tag == "dict":
        items = _items(plain, dict)
        return {key: _value(item, depth + 1) for key, item in items.items()}
    cls = _CLASSES.get(tag) if type(tag) is str else None
    if cls is None:
        raise ValueError(f"unknown type {tag!r}")
    record = _record(cls)
    # What was written before a field was added lacks it.
    if not record.required <= plain.keys() <= record.allowed:
        raise ValueError(f"{tag} must have the fields {', '.join(_FIELDS[cls])}")
    given: dict[str, object] = {}
    for name, kind, read in record.fields:
        if name in plain:
            item = plain[name]
            is_read = type(item) is kind and (kind is not float or item - item == 0.0)
            given[name] = item if is_read else read(_value(item, depth + 1))
    value = cls(**given)
    for low, high in record.ends:
        if getattr(value, low) > getattr(value, high):
            raise ValueError(f"{tag} ends before it starts")
    for name in record.times:
        if abs(getattr(value, name)) > MAX_SECONDS:
            raise ValueError(f"{tag} lies beyond {MAX_SECONDS:g} s")
    if cls is Box and max(map(abs, value)) > _MOST_PIXELS:
        raise ValueError("Box lies outside of any picture")
    return value


_MOST_PIXELS = 1.0e6
_TIMES = frozenset({"start", "end", "time"})
_Reader = Callable[[Any], object]

_ENDS: dict[type, tuple[tuple[str, str], ...]] = {Box: (("x0", "x1"), ("y0", "y1"))}


class _Record(typing.NamedTuple):
    """What is read as a value of a class."""

    fields: tuple[tuple[str, object, _Reader], ...]
    """Name, type hint, and what checks it."""
    required: frozenset[str]
    allowed: frozenset[str]
    ends: tuple[tuple[str, str], ...]
    """Pairs of fields of which the second is not the lower one."""
    times: frozenset[str]


@functools.cache
def _record(cls: Any) -> _Record:
    hints = typing.get_type_hints(cls)
    names = frozenset(hints)
    return _Record(
        tuple((name, hint, _reader(hint)) for name, hint in hints.items()),
        (names - cls._field_defaults.keys()) | {_TAG},
        names | {_TAG},
        _ENDS.get(cls, (("start", "end"),) if {"start", "end"} <= names else ()),
        _TIMES & names,
    )


def _reader(annotation: Any) -> _Reader:
    """What checks a field of an annotation, and gives its value."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        readers = [_reader(argument) for argument in arguments]
        return lambda value: _first_that_fits(readers, value)
    if origin is list:
        item = _reader(arguments[0])
        return lambda value: [item(element) for element in _checked(value, list)]
    if origin is dict:
        member = _reader(arguments[1])
        return lambda value: {
            _text(key): member(element) for key, element in _checked(value, dict).items()
        }
    if annotation is float:
        return lambda value: float(value) if type(value) is int else _checked(value, float)
    kind = type(None) if annotation is None else annotation
    return lambda value: _checked(value, kind)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"a field must be {kind.__name__}, is {type(value).__name__}")
    return value


def _first_that_fits(readers: list[_Reader], value: Any) -> object:
    for reader in readers[:-1]:
        try:
            return reader(value)
        except ValueError:
            continue
    return readers[-1](value)


def _items(plain: dict[str, Any], kind: type) -> Any:
    items = plain.get("items")
    if type(items) is not kind or len(plain) != 2:
        raise ValueError("a wrapped list or dict must have items and nothing else")
    return items
