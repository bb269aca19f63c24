"""Parquet, as pyarrow and pandas read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.view.exports.conftest import MakeJob, events
from vprog.view.exports.export_parquet import write_parquet

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


def test_parquet_has_typed_columns_and_says_what_the_run_was(
    make_job: MakeJob, tmp_path: Path
) -> None:
    write_parquet(make_job(), tmp_path / "run.parquet")
    table = parquet.read_table(tmp_path / "run.parquet")
    assert table["kind"].to_pylist().count("Detection") == 3
    assert table["supported"].to_pylist()[:3] == [True, False, None]
    assert table.schema.metadata[b"vprog.question"] == b"Where is the <dog>?"
    frame = pytest.importorskip("pandas").read_parquet(tmp_path / "run.parquet")
    assert frame.loc[0, "x1"] == 30.0


def test_parquet_without_rows_has_the_same_columns(make_job: MakeJob, tmp_path: Path) -> None:
    write_parquet(make_job(), tmp_path / "full.parquet")
    write_parquet(make_job("evidence", run=events(is_answered=False)), tmp_path / "none.parquet")
    none = parquet.read_table(tmp_path / "none.parquet")
    assert none.num_rows == 0
    assert none.schema.equals(parquet.read_table(tmp_path / "full.parquet").schema)
