"""CSV, as pandas and the csv module read it."""

from __future__ import annotations

import csv
import io

import pytest

from tests.view.exports.conftest import MakeJob, events
from vprog.view.exports.export_csv import csv_text
from vprog.view.exports.found_rows import FoundRow


def test_csv_has_a_line_a_row_whatever_the_labels_hold(make_job: MakeJob) -> None:
    job = make_job()
    lines = list(csv.DictReader(io.StringIO(csv_text(job))))
    assert len(lines) == len(job.rows) == 9
    assert lines[0]["label"] == "dog"
    assert (lines[0]["start"], lines[0]["x0"], lines[0]["supported"]) == ("1.0", "10.0", "True")
    assert lines[7]["value"] == "0.25"


def test_csv_gives_a_spreadsheet_no_formula(make_job: MakeJob) -> None:
    lines = list(csv.DictReader(io.StringIO(csv_text(make_job()))))
    assert lines[2]["label"].startswith("'=1+1,\"{")
    assert not any(
        cell.startswith(("=", "+", "@", "\t")) for line in lines for cell in line.values()
    )
    assert lines[0]["file"].startswith("'=a")
    assert "\n" not in lines[0]["file"]


def test_csv_is_what_pandas_reads(make_job: MakeJob) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(io.StringIO(csv_text(make_job("tracks"))))
    assert list(table.columns) == list(FoundRow.__struct_fields__)
    assert table["score"].max() == 0.9
    assert list(table["track"].dropna()) == [1, 1, 1]


def test_csv_of_no_answer_has_its_head_alone(make_job: MakeJob) -> None:
    assert csv_text(make_job("evidence", run=events(is_answered=False))).count("\r\n") == 1
