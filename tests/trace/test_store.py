"""Traces of other versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.view.runs import answered, ended, program, started, write
from vprog.errors import TraceError
from vprog.trace.event import SCHEMA_VERSION
from vprog.trace.store import list_traces, read_trace


def with_schema(folder: Path, schema: int | None) -> Path:
    """A trace whose first line names a schema; None takes it away, as older versions wrote."""
    write(folder, started(), program("answer(1)"), answered(1), ended())
    file = folder / "trace.jsonl"
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    head = json.loads(first)
    del head["schema"]
    if schema is not None:
        head |= {"schema": schema, "from_the_future": True}
    file.write_text("\n".join([json.dumps(head), *rest]) + "\n", encoding="utf-8")
    return folder


def test_trace_of_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = with_schema(tmp_path / "run", SCHEMA_VERSION + 1)
    with pytest.raises(TraceError, match=r"written by a newer vprog: its schema is 2, this") as ex:
        read_trace(folder)
    assert "Update vprog" in ex.value.hint
    (listed,) = list_traces(tmp_path)
    assert (listed.status, listed.started) == ("unreadable", None)
    assert "newer vprog" in listed.problem


@pytest.mark.parametrize("schema", [None, 0, SCHEMA_VERSION])
def test_trace_of_this_schema_or_from_before_there_was_one_is_read(
    schema: int | None, tmp_path: Path
) -> None:
    recording = read_trace(with_schema(tmp_path / "run", schema))
    assert recording.started.schema == (schema or 0)
    assert recording.ended is not None
    assert [summary.status for summary in list_traces(tmp_path)] == ["answered"]


def test_first_line_that_is_no_event_is_no_trace_whatever_it_says(tmp_path: Path) -> None:
    (tmp_path / "trace.jsonl").write_text('{"schema": "x"}\n', encoding="utf-8")
    with pytest.raises(TraceError, match="not a trace of vprog"):
        read_trace(tmp_path)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_line_that_is_not_utf_8_is_damage_wherever_in_it(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "run"
    write(folder, started(), program("answer(1)"), answered(1), ended())
    file = folder / "trace.jsonl"
    lines = file.read_bytes().split(b"\n")
    for at, byte in enumerate(lines[number]):
        if not chr(byte).isalnum():
            continue
        bad = lines[number][:at] + b"\xb1" + lines[number][at + 1 :]
        file.write_bytes(b"\n".join([*lines[:number], bad, *lines[number + 1 :]]))
        assert f"line {number + 1} cannot be read" in read_trace(folder).damage, bad
