"""Values as tables: one for each class, named like it, one row for each value.

    a number or a text   a column of its name
    box, region          x0, y0, x1, y1: pixels of the whole frame, origin top left
    frame                video (its index), time (seconds)
    span                 start, end (seconds)
    a list of values     rows of their own table, with this value as their `parent`

Each row has an `item`, a number that no other row of any table has, and the values lie in a list
in that order: what is found in a table can be traced back to the value that it is.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field

from vprog.types import VALUE_TYPES, Box, Frame, Reply, Span
from vprog.types.locate import location_of

Cell = str | int | float | None

_SQL = {str: "TEXT", int: "INTEGER", float: "REAL", bool: "INTEGER"}
_PARTS: dict[type, tuple[tuple[str, str], ...]] = {
    Box: tuple((name, "REAL") for name in Box._fields),
    Frame: (("video", "INTEGER"), ("time", "REAL")),
    Span: (("start", "REAL"), ("end", "REAL")),
}
_OWN = (("item", "INTEGER"), ("parent", "INTEGER"))

TIMELINE = "Timeline"
_TIMELINE_COLUMNS = (
    ("item", "INTEGER"), ("kind", "TEXT"), ("text", "TEXT"), ("video", "INTEGER"),
    ("start", "REAL"), ("end", "REAL"), ("score", "REAL"),
)  # fmt: skip


@dataclass
class Table:
    """Columns as (name, SQL type), and the rows."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)


@dataclass
class Tables:
    """The tables by name, and the values of their rows; a row's `item` counts in them."""

    by_name: dict[str, Table] = field(default_factory=dict)
    items: list[object] = field(default_factory=list)


def tables_of(values: Sequence[object], classes: Sequence[type] = ()) -> Tables:
    """Values, and those in their lists, as rows of the table of their class.

    The table Timeline has a row for each of the values that has a time, whatever its class:
    kind is the class, text what it says or is called.

    Args:
        values: of the classes of vprog.types, in any order.
        classes: those that have a table even where there is no value of them.
    """
    tables = Tables({kind.__name__: Table(columns_of(kind)) for kind in classes})
    timeline = Table(_TIMELINE_COLUMNS)
    for value in values:
        row = _timeline_row(value)
        if row is not None:
            timeline.rows.append((len(tables.items), *row))
        _add(tables, value, None)
    tables.by_name[TIMELINE] = timeline
    return tables


def _timeline_row(value: object) -> tuple[Cell, ...] | None:
    """What the timeline says of a value; None for what has no time."""
    location = location_of(value)
    if location is None:
        return None
    video: int | None
    video, start, end, _, text, score = location
    if isinstance(value, Reply) and value.frames:
        times = [frame.time for frame in value.frames]
        video, start, end = value.frames[0].video, min(times), max(times)
    elif not any(hasattr(value, name) for name in ("video", "frame", "detections")):
        video = None  # the value does not say in which it is
    return None if start is None else (type(value).__name__, text, video, start, end, score)


def _add(tables: Tables, value: typing.Any, parent: int | None) -> None:
    kind: type = type(value)
    item = len(tables.items)
    tables.items.append(value)
    cells: list[Cell] = [item, parent]
    for name, _, part in _layout(kind):
        whole = getattr(value, name)
        cells.append(whole if part is None else None if whole is None else getattr(whole, part))
    table = tables.by_name.setdefault(kind.__name__, Table(columns_of(kind)))
    table.rows.append(tuple(cells))
    for name in _lists(kind):
        for child in getattr(value, name):
            _add(tables, child, item)


@functools.cache
def columns_of(kind: type) -> tuple[tuple[str, str], ...]:
    """The columns of the table of a class, as (name, SQL type)."""
    named = [(part or name, sql) for name, sql, part in _layout(kind)]
    return (*_OWN, *named)


@functools.cache
def _layout(kind: type) -> tuple[tuple[str, str, str | None], ...]:
    """(field, SQL type, part of the field) of each column but a row's own two."""
    layout: list[tuple[str, str, str | None]] = []
    for name, hint in typing.get_type_hints(kind).items():
        plain = _without_none(hint)
        if plain in _PARTS:
            layout += [(name, sql, part) for part, sql in _PARTS[plain]]
        elif plain in _SQL:
            layout.append((name, _SQL[plain], None))
    return tuple(layout)


@functools.cache
def _lists(kind: type) -> tuple[str, ...]:
    """The fields of a class that are lists of values."""
    return tuple(
        name
        for name, hint in typing.get_type_hints(kind).items()
        if typing.get_origin(hint) is list and typing.get_args(hint)[0] in VALUE_TYPES
    )


def _without_none(hint: typing.Any) -> typing.Any:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint
    inner = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    return inner[0] if len(inner) == 1 else hint
