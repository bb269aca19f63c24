"""Values as JSON and back: for traces, the cache file and cache keys.

    Span(1.0, 2.5)      {"$type": "Span", "start": 1.0, "end": 2.5}
    (1.0, 2.0)          {"$type": "tuple", "items": [1.0, 2.0]}
    [..], {..}, text, numbers, None    themselves; a dict with a key "$type" is wrapped

Equal values give equal bytes and come back as equal values of the same types; whole numbers
and floats stay apart. Only checked values are encoded; reading refuses what it does not know.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from vprog.errors import TraceError
from vprog.types import VALUE_TYPES

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
    except (msgspec.DecodeError, TypeError, ValueError, KeyError, RecursionError) as error:
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
            record[name] = _plain(field, depth + 1)
        return record
    if kind is list:
        return [_plain(item, depth + 1) for item in value]
    if kind is tuple:
        return {_TAG: "tuple", "items": [_plain(item, depth + 1) for item in value]}
    if kind is dict:
        plain = {_text(key): _plain(item, depth + 1) for key, item in value.items()}
        return {_TAG: "dict", "items": plain} if _TAG in plain else plain
    raise TypeError(f"{kind.__module__}.{kind.__name__} is no value")


def _text(key: object) -> str:
    if type(key) is not str:
        raise TypeError(f"keys of a dict are text, got {type(key).__name__}")
    return key


def _value(plain: Any, depth: int) -> object:
    if depth > 2 * _MAX_DEPTH:
        raise ValueError("it is nested too deep")
    if type(plain) is list:
        return [_value(item, depth + 1) for item in plain]
    if type(plain) is not dict:
        return plain
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
    fields = _FIELDS[cls]
    if len(plain) != len(fields) + 1:
        raise ValueError(f"{tag} must have the fields {', '.join(fields)}")
    return cls(*[_value(plain[name], depth + 1) for name in fields])


def _items(plain: dict[str, Any], kind: type) -> Any:
    items = plain.get("items")
    if type(items) is not kind or len(plain) != 2:
        raise ValueError("a wrapped list or dict must have items and nothing else")
    return items
