"""Rows as Apache Parquet, with what the run was in the file's metadata."""

from __future__ import annotations

from pathlib import Path

import msgspec

from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.found_rows import FoundRow
from vprog.view.tables import Kind, write_table

_COLUMNS: dict[str, Kind] = {
    "video": "integer", "track": "integer", "cell": "integer", "line": "integer",
    "start": "number", "end": "number", "score": "number", "value": "number",
    "x0": "number", "y0": "number", "x1": "number", "y1": "number",
    "supported": "flag",
}  # fmt: skip
"""Of FoundRow; the others are text."""


def write_parquet(job: ExportJob, path: Path) -> None:
    """The rows; question, answer, status and trace stand in the file's metadata.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    about = {
        "vprog.trace": job.model.run,
        "vprog.question": job.model.question,
        "vprog.status": job.model.status,
        "vprog.answer": job.model.headline,
    }
    columns = {name: _COLUMNS.get(name, "text") for name in FoundRow.__struct_fields__}
    write_table([msgspec.structs.asdict(row) for row in job.rows], columns, path, about)


FORMAT = ExportFormat("parquet", "the table as Apache Parquet (extra parquet)", write=write_parquet)
