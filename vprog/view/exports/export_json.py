"""The run as JSON: the whole of it as it is shown, or rows alone."""

from __future__ import annotations

import json

import msgspec

from vprog.view.exports.export_format import ExportFormat, ExportJob
from vprog.view.exports.found_rows import FoundRow


def json_text(job: ExportJob) -> str:
    """The object of `vprog trace show --json`, with the chosen rows under `rows`.

    Each row is an object with the fields of FoundRow. ASCII alone: every reader takes it.
    """
    rows: list[FoundRow] = job.rows
    told = {**job.model.to_dict(), "rows": msgspec.to_builtins(rows)}
    return json.dumps(told, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


FORMAT = ExportFormat("json", "the whole run as it is shown, and its rows", json_text)
