"""Rows as CSV (RFC 4180, UTF-8): one line a row, the first line names the columns."""

from __future__ import annotations

import csv
import io

import msgspec

from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.found_rows import FoundRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run text that begins so."""


def csv_text(job: ExportJob) -> str:
    """The rows; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(FoundRow.__struct_fields__)
    for row in job.rows:
        lines.writerow([_cell(value) for value in msgspec.structs.astuple(row)])
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, float):
        return round(value, 6)
    return value


FORMAT = ExportFormat("csv", "a table of evidence and of what modules found", csv_text)
