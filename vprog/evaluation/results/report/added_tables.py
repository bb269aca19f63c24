"""Tables that are added to the report of an evaluation after it: diagnostics of its answers.

Each lies as tables/NAME.json in the folder, with the digest of the results that it speaks of: the
report leaves out those that speak of others.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from vprog.errors import UsageError

FOLDER = "tables"


class ReportTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table of texts; the first column names the row."""

    name: str
    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    results_sha256: str = ""
    """Filled in when it is kept."""


def keep_tables(folder: Path, tables: list[ReportTable]) -> None:
    """Write tables that speak of the results in a folder, over those of the same names."""
    (folder / FOLDER).mkdir(exist_ok=True)
    digest = results_digest(folder)
    for table in tables:
        data = msgspec.json.encode(msgspec.structs.replace(table, results_sha256=digest))
        (folder / FOLDER / f"{table.name}.json").write_bytes(msgspec.json.format(data) + b"\n")


def kept_tables(folder: Path) -> list[ReportTable]:
    """The tables that speak of the results that a folder has now, by name.

    Raises:
        UsageError: a file of them is damaged.
    """
    tables = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            table = msgspec.json.decode(path.read_bytes(), type=ReportTable)
            if table.name != path.stem:
                raise ValueError(f'its name is "{table.name}"')
            tables.append(table)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise UsageError(
                f"{path}: no table of a report: {error}.", hint="Remove the file."
            ) from error
    digest = results_digest(folder) if tables else ""
    return [table for table in tables if table.results_sha256 == digest]


def tables_data(folder: Path) -> dict[str, bytes]:
    """The files of the tables that speak of the results in a folder, by name."""
    names = [f"{table.name}.json" for table in kept_tables(folder)]
    return {name: (folder / FOLDER / name).read_bytes() for name in names}


def results_digest(folder: Path) -> str:
    """SHA-256 of the results."""
    with (folder / "results.jsonl").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
