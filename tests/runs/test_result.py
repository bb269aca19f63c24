"""Results: the object that `--json` prints, exit codes, text, and how notebooks show them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vprog import errors
from vprog.exit_status import Status
from vprog.runs.result import Cost, ErrorInfo, Result, error_info
from vprog.types import Box, Evidence

KEYS = [
    "status", "answer", "choice", "label", "score", "confidence", "calibration", "evidence", "path",
    "program", "error",
    "cost", "coverage", "isolation", "trace", "warnings",
]  # fmt: skip


def test_result_object_has_exactly_the_keys_that_are_promised() -> None:
    result = Result(
        Status.ANSWERED, answer=2, score=0.5, path="rules", program="answer(2)",
        evidence=(Evidence(0, 1.0, 2.00000049, Box(1.234, 2.0, 3.0, 4.0), "x", True),),
        cost=Cost(seconds=1.23456), trace_path=Path("/t/run"), warnings=("w",),
    )  # fmt: skip
    made = result.to_dict()
    assert list(made) == KEYS
    assert list(made["cost"]) == [
        "seconds", "llm_calls", "tokens_in", "tokens_out", "frames_decoded", "module_calls",
    ]  # fmt: skip
    assert list(made["cost"]["module_calls"]) == [
        "issued", "executed", "cached", "joined", "guessed", "wasted",
    ]  # fmt: skip
    assert made["evidence"] == [
        {"video": 0, "start": 1.0, "end": 2.0, "box": [1.23, 2.0, 3.0, 4.0], "text": "x",
         "supported": True}
    ]  # fmt: skip
    assert list(made["isolation"]) == ["gate", "vm", "process", "jail", "missing"]
    assert (made["trace"], made["cost"]["seconds"]) == ("/t/run", 1.235)
    assert json.loads(json.dumps(made)) == made


def test_result_without_an_answer_has_the_same_keys_and_an_error() -> None:
    made = Result(Status.FAILED, error=ErrorInfo("failed", "m", "h", 3)).to_dict()
    assert list(made) == KEYS
    assert made["error"] == {"code": "failed", "message": "m", "hint": "h", "line": 3}
    assert (made["answer"], made["trace"], made["evidence"]) == (None, None, [])


def test_problem_of_an_error_has_its_code_message_hint_and_line() -> None:
    error = errors.ModuleInputError("what is wrong.", hint="what to do.", line=3)
    assert error_info(error) == ErrorInfo("module_input", "what is wrong.", "what to do.", 3)


def test_result_shows_itself_without_a_trace_escaped() -> None:
    shown = Result(Status.ANSWERED, answer="<script>alert(1)</script>")._repr_html_()
    assert shown == "<p><b>answered</b>: &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    gone = Result(Status.ANSWERED, answer=3, trace_path=Path("/nowhere/at/all"))
    assert "3" in gone._repr_html_()
    with pytest.raises(errors.TraceNotFoundError):
        _ = gone.trace


def test_result_as_a_row_is_flat_and_typed(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    parquet = pytest.importorskip("pyarrow.parquet")
    answered = Result(
        Status.ANSWERED, answer=["a", 2], choice=1, score=0.5, question="What?",
        evidence=(Evidence(0, 1.0, 2.5, None, "x", True), Evidence(0, 0.5, 0.5, None, "y", False)),
    )  # fmt: skip
    failed = Result(Status.FAILED, error=ErrorInfo("module", "it broke.", "Mend it."))
    counted = Result(Status.ANSWERED, answer=7)
    rows = [result.to_row() for result in (answered, failed, counted)]
    for row in rows:
        assert all(isinstance(value, str | float | bool | None) for value in row.values())
    first = rows[0]
    assert (first["answer"], first["answer_number"], first["choice"]) == ("a, 2", None, "B")
    assert (first["start"], first["end"], first["supported"]) == (0.5, 2.5, False)
    assert (rows[1]["answer"], rows[1]["error"]) == (None, "it broke. Mend it.")
    assert (rows[2]["answer"], rows[2]["answer_number"]) == ("7", 7.0)
    pandas.DataFrame(rows).to_parquet(tmp_path / "all.parquet")
    failed.to_parquet(tmp_path / "one.parquet")
    read = parquet.read_table(tmp_path / "one.parquet")
    assert read.column_names == list(first)
    assert read.schema.field("score").type == "double"  # a number also where there is none
    assert list(counted.to_pandas()["answer_number"]) == [7.0]
