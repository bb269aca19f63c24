"""`query_memory`: what was found, asked in SQL. SQLite in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

from vprog.errors import ModuleFailedError, ModuleInputError
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, MemoryRow, Remembered, Track
from vprog.types.value_tables import Tables, tables_of

MOST_SQL = 4000
"""Characters of a query."""

MOST_EVIDENCE = 20_000
"""Values in the evidence of all rows together, those in tracks counted."""

TIMEOUT_S = 30.0
"""Behind the child's own bounds: of a computer that does not get to it."""

_CHILD = Path(__file__).with_name("query_child.py")
_BEGINS = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH|VALUES)\b", re.I | re.S)


@implements("query_memory", backend="SQLite", version="1")
class QueryMemorySqlite:
    """Makes the tables anew for each query; nothing is kept, so that a query can be cached."""

    def __call__(self, sql: str, memory: list[Remembered]) -> list[MemoryRow]:
        if not sql.strip() or len(sql) > MOST_SQL:
            raise _wrong(f"must have 1 to {MOST_SQL} characters, has {len(sql)}")
        if _BEGINS.match(sql) is None:  # EXPLAIN shows SQLite's insides past every authorizer
            raise _wrong("must be one SELECT", 'Example: "SELECT item, label FROM Detection"')
        tables = tables_of(memory, typing.get_args(Remembered))
        said = _ask_child(tables, sql)
        if "error" in said:
            raise _refusal(said["kind"], said["error"], sql, tables)
        return _memory_rows(said["columns"], said["rows"], tables)


def _ask_child(tables: Tables, sql: str) -> dict[str, Any]:
    """What the child says of a query; it ends by its own bounds, by the kernel, or in time."""
    asked = {
        "tables": {
            name: {"columns": table.columns, "rows": table.rows}
            for name, table in tables.by_name.items()
        },
        "sql": sql,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(_CHILD)],
            input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8",
            timeout=TIMEOUT_S, env={}, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _wrong("takes too long", "Join fewer rows, or on equal columns") from None
    if ended.returncode < 0:
        raise _wrong("takes too long, or too much memory", "Join fewer rows, or on equal columns")
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["nothing was said"]
        raise ModuleFailedError(f"the process that asks SQLite ended: {lines[-1][:200]}")
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def _refusal(kind: str, error: str, sql: str, tables: Tables) -> ModuleInputError:
    """What is wrong with a query, where, and what there is instead."""
    if kind == "too large":
        return _wrong(f"is too large: {error}", "Add WHERE or LIMIT, or count in the query")
    if kind == "not allowed" and "no table" not in error:
        return _wrong(f"is not allowed: {error}")
    near = re.match(r'near "(.+?)": syntax error', error)
    if near and sql.count(near[1]) == 1:
        error += f" at character {sql.index(near[1]) + 1}"
    return _wrong(f"cannot be read: {error}", _described(tables))


def _described(tables: Tables) -> str:
    """The tables that there are; with their columns where they have rows."""
    filled = [
        f"{name}({', '.join(column for column, _ in table.columns)})"
        for name, table in tables.by_name.items()
        if table.rows
    ]
    empty = [name for name, table in tables.by_name.items() if not table.rows]
    return f"There are {'; '.join([*filled, 'and without rows ' + ', '.join(empty)])}"


def _wrong(text: str, hint: str = "") -> ModuleInputError:
    return ModuleInputError(f"query_memory(sql): {text}.", hint=f"{hint}." if hint else "")


def _memory_rows(columns: list[str], rows: list[list[Any]], tables: Tables) -> list[MemoryRow]:
    if len(set(columns)) < len(columns):
        twice = sorted({name for name in columns if columns.count(name) > 1})
        raise _wrong(f'gives two columns "{twice[0]}"', "Name them apart: a.start AS a_start")
    answer: list[MemoryRow] = []
    n_values = 0
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        evidence = [tables.items[item] for item in _items_of(cells, len(tables.items))]
        n_values += sum(_weight(value) for value in evidence)
        if n_values > MOST_EVIDENCE:
            raise _wrong(
                f"names more than {MOST_EVIDENCE} values as items",
                "Select item in fewer rows, or detections in place of tracks",
            )
        answer.append(
            MemoryRow(
                {name: cell for name, cell in cells.items() if isinstance(cell, int | float)},
                {name: cell for name, cell in cells.items() if isinstance(cell, str)},
                evidence,  # type: ignore[arg-type]  # what the memory held
            )
        )
    return answer


def _weight(value: object) -> int:
    return 1 + (len(value.detections) if isinstance(value, Track) else 0)


def _items_of(cells: dict[str, Any], n_items: int) -> list[int]:
    """The items that a row names, each once, in its order."""
    item, items = cells.get("item"), cells.get("items")
    named = [] if item is None else [item]
    if items is not None:
        named += str(items).split(",")
    found: dict[int, None] = {}
    for name in named:
        text = str(name).strip()
        if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) >= n_items:
            raise _wrong(
                f'gives "{text[:40]}" as an item, which no row has',
                "The columns item and items hold the items of rows: group_concat(item) AS items",
            )
        found[int(text)] = None
    if len(found) > MAX_ITEMS:
        raise _wrong(f"names more than {MAX_ITEMS} items in one row", "Group by more columns")
    return list(found)
