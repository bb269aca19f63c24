"""The rows of a file of cases as they stand there: JSON lines, a JSON list, CSV or parquet.

What a row must hold is for those who read it; here each comes with where it stands, for messages.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vprog.errors import PackageMissingError, UsageError

ROW_SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
_PARQUET_ROWS = 1_000
"""Read at a time."""


class CaseRow(NamedTuple):
    """One row with its place: the line in a text file, else its number, from 1."""

    number: int
    where: str
    fields: Mapping[str, Any]


def read_rows(path: Path, *, hint: str = "Name a file of JSON lines or CSV.") -> Iterator[CaseRow]:
    """Every row of a file; its suffix says how it is written, JSON lines where it says nothing.

    They are read one by one, but for a .json file, which is one value.

    A .json file holds a list of objects, or an object of objects, whose names become the field
    "key". In CSV an empty field is none.

    Raises:
        UsageError: it cannot be read, or a row is not of its form.
        PackageMissingError: it is parquet, and pyarrow is not installed.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet_rows(path, hint)
    lines = _lines_of(path, hint)
    if suffix == ".json":
        return _json_rows(path, "".join(lines), hint)
    if suffix in (".csv", ".tsv"):
        return _csv_rows(path, lines, "\t" if suffix == ".tsv" else ",")
    return _json_lines(path, lines, hint)


def _lines_of(path: Path, hint: str) -> Iterator[str]:
    """The lines of a text with their ends, as "\\n" ends them: JSON may hold U+2028 as it is."""
    n_bytes = 0
    try:
        if os.path.exists(path) and not path.is_file():  # a pipe would be waited for
            raise UsageError(f"{path}: the cases cannot be read: it is no regular file.", hint=hint)
        with path.open("rb") as file:
            for line in file:
                yield line.decode("utf-8" if n_bytes else "utf-8-sig")
                n_bytes += len(line)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: the cases cannot be read: they must be UTF-8, and byte "
            f"{n_bytes + error.start} is not.",
            hint="Save the file as UTF-8.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path}: the cases cannot be read: {error.strerror}.", hint=hint
        ) from error


def _json_lines(path: Path, lines: Iterator[str], hint: str) -> Iterator[CaseRow]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path} line {number}"
            yield CaseRow(number, where, _object(where, _decoded(where, line, hint), hint))


def _json_rows(path: Path, text: str, hint: str) -> Iterator[CaseRow]:
    value = _decoded(str(path), text, hint)
    if isinstance(value, dict) and all(isinstance(item, dict) for item in value.values()):
        value = [{"key": key, **item} for key, item in value.items()]
    if not isinstance(value, list):
        raise UsageError(f"{path}: no case: it holds no list of objects.", hint=hint)
    for number, item in enumerate(value, start=1):
        yield CaseRow(number, f"{path} row {number}", _object(f"{path} row {number}", item, hint))


def _decoded(where: str, text: str, hint: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"{where}: no case: {error}.", hint=hint) from error


def _object(where: str, value: Any, hint: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: no case: it is no JSON object.", hint=hint)
    return value


def _csv_rows(path: Path, lines: Iterator[str], delimiter: str) -> Iterator[CaseRow]:
    ended = (part for line in lines for part in io.StringIO(line, newline=""))  # by "\\r" too
    reader = csv.DictReader(ended, strict=True, delimiter=delimiter)
    try:
        for record in reader:
            where = f"{path} line {reader.line_num}"
            names = list(reader.fieldnames or ())
            if len(set(names)) < len(names):
                raise UsageError(
                    f"{path} line 1: a column is there twice.",
                    hint="Give each a name of its own.",
                )
            if None in record:  # a comma in a question would cut it off
                raise UsageError(
                    f"{where}: no case: more fields than the header has columns ({len(names)}).",
                    hint='Put a question that holds a comma in quotes: "Red, or blue?".',
                )
            given = {name: value for name, value in record.items() if value}
            yield CaseRow(reader.line_num, where, given)
    except csv.Error as error:
        raise UsageError(
            f"{path} line {reader.reader.line_num}: no CSV: {error}.",
            hint="Check the quotes there and in the lines before.",
        ) from error


def _parquet_rows(path: Path, hint: str) -> Iterator[CaseRow]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise PackageMissingError(
            f"{path}: parquet is read with pyarrow, which is not installed.",
            hint="Install it: pip install pyarrow; or save the cases as JSON lines.",
        ) from error
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_PARQUET_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    fields = {name: value for name, value in record.items() if value is not None}
                    yield CaseRow(number, f"{path} row {number}", fields)
    except (OSError, ArrowException) as error:
        raise UsageError(f"{path}: the cases cannot be read: {error}.", hint=hint) from error
