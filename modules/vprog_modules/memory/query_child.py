"""Runs one query of a language model's making, in a process of its own, as a script.

Standard library only: it is started by `python -I -S`. Reads {"tables": {name: {"columns": [[name,
type]], "rows": [[...]]}}, "sql": text} from its standard input; writes {"columns", "rows"}, or
{"error", "kind"} with kind "query", "not allowed" or "too large".

What holds whatever the query is: memory, processor time, no files, no processes (setrlimit); and
within SQLite: one SELECT over these tables with the functions below, in a number of steps.
"""

from __future__ import annotations

import json
import math
import resource
import sqlite3
import sys
from typing import Any

MEMORY_BYTES = 512 << 20
SECONDS = 4
STEPS = 20_000_000
"""Instructions of SQLite's virtual machine: on short texts less than a second's, and the same query
always ends at the same one. Where each works on long texts, SECONDS may end it before."""

ROWS = 200
CHARACTERS = 200_000
"""Of all texts of a result together."""

_NAMES = """
    abs avg coalesce count dense_rank first_value glob group_concat ifnull iif instr lag last_value
    lead length like lower ltrim max min nth_value ntile nullif percent_rank rank round row_number
    rtrim sign substr substring sum total trim typeof upper
"""
FUNCTIONS = frozenset(_NAMES.split())
_LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_LENGTH: 2_000_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


def main() -> None:
    """Answer one question on the standard streams."""
    asked = json.load(sys.stdin)
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))
    try:
        said = query(asked["tables"], asked["sql"])
    except MemoryError:
        said = {"kind": "too large", "error": "it takes too much memory"}
    json.dump(said, sys.stdout)


def query(tables: dict[str, Any], sql: str) -> dict[str, Any]:
    """The rows that a query gives of tables, or what is wrong with it."""
    base = sqlite3.connect(":memory:")
    base.execute("PRAGMA temp_store = MEMORY")
    for name, table in tables.items():
        declared = ", ".join(f'"{column}" {sql_type}' for column, sql_type in table["columns"])
        marks = ", ".join("?" for _ in table["columns"])
        base.execute(f'CREATE TABLE "{name}" ({declared})')
        base.executemany(f'INSERT INTO "{name}" VALUES ({marks})', table["rows"])
    base.commit()
    base.execute("PRAGMA query_only = ON")
    for limit, most in _LIMITS.items():
        base.setlimit(limit, most)
    refused: list[str] = []
    base.set_authorizer(_authorizer({name.casefold() for name in tables}, refused))
    n_left = [STEPS // 1000]

    def is_over() -> bool:
        n_left[0] -= 1
        return n_left[0] < 0

    base.set_progress_handler(is_over, 1000)
    try:
        found = base.execute(sql)
        columns = [entry[0] for entry in found.description or ()]
        rows = found.fetchmany(ROWS + 1)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        if refused:
            if "recursive" in sql.casefold():  # its own name is what is refused first
                refused = ["a query may not call itself (WITH RECURSIVE)"]
            return {"kind": "not allowed", "error": refused[0]}
        if n_left[0] < 0:
            return {"kind": "too large", "error": "it takes too many steps"}
        if "too big" in str(error) or isinstance(error, sqlite3.DataError):
            return {"kind": "too large", "error": str(error)}
        return {"kind": "query", "error": str(error)}
    if len(rows) > ROWS:
        return {"kind": "too large", "error": f"it gives more than {ROWS} rows"}
    if sum(len(cell) for row in rows for cell in row if isinstance(cell, str)) > CHARACTERS:
        return {"kind": "too large", "error": f"it gives more than {CHARACTERS} characters"}
    cells = [cell for row in rows for cell in row]
    if any(isinstance(cell, bytes) for cell in cells):
        return {"kind": "query", "error": "it gives bytes, which are neither number nor text"}
    if any(isinstance(cell, float) and not math.isfinite(cell) for cell in cells):
        return {"kind": "query", "error": "it gives a number that is not finite"}
    return {"columns": columns, "rows": rows}


def _authorizer(tables: set[str], refused: list[str]) -> Any:
    """What SQLite asks while it reads the query; the first refusal is noted in words."""

    def may(action: int, first: str | None, second: str | None, base: Any, trigger: Any) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and str(first).casefold() in tables:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and str(second).casefold() in FUNCTIONS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            refused.append(f'there is no table "{first}"')
        elif action == sqlite3.SQLITE_FUNCTION:
            refused.append(
                f"the function {second} is not there; there are {', '.join(sorted(FUNCTIONS))}"
            )
        else:
            refused.append("it does more than SELECT")
        return sqlite3.SQLITE_DENY

    return may


if __name__ == "__main__":
    main()
