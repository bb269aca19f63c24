"""`vprog.Trace`: a run as Python and notebooks explore it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import vprog
from vprog.errors import TraceError, TraceNotFoundError
from vprog.registry.registry import Registry
from vprog.trace.event import SCHEMA_VERSION

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def result(clip: Path, registry: Registry) -> vprog.Result:
    return vprog.run(
        clip,
        "frame = frame_at(video, 0.5)\nfound = find_square(frame)\n"
        "answer(len(found), evidence=found)",
        question="How many?",
        registry=registry,
    )


def test_trace_is_loaded_by_path_name_and_last(result: vprog.Result) -> None:
    folder = result.trace_path
    assert folder is not None
    for name in (
        folder,
        str(folder),
        folder / "trace.jsonl",
        folder.name,
        folder.name[-8:],
        "last",
    ):
        trace = vprog.Trace.load(name)
        assert (trace.folder, trace.question, trace.answer) == (folder, "How many?", 1)
    assert repr(trace) == f"<Trace {folder.name}: 'How many?', answered>"
    for wrong in ("never", folder.parent / "never", ""):
        with pytest.raises(TraceNotFoundError):
            vprog.Trace.load(wrong)


def test_trace_has_program_steps_and_lines(result: vprog.Result) -> None:
    trace = result.trace
    assert trace.program == result.program + "\n"  # type: ignore[operator]
    assert [(step.kind, step.line, step.name) for step in trace.steps] == [
        ("call", 1, "frame_at"), ("call", 2, "find_square"), ("value", 1, "frame"),
        ("value", 2, "found"), ("answer", 3, "answer"),
    ]  # fmt: skip
    assert [line.source for line in trace.lines] == trace.program.splitlines()
    assert trace.result["answer"] == 1
    assert trace.recording.started.schema == SCHEMA_VERSION


def test_trace_frame_has_the_boxes_drawn_on(result: vprog.Result) -> None:
    trace = result.trace
    assert trace.frames == [(0, 0.5)]
    picture = np.asarray(trace.frame(0)).astype(int)
    assert picture.shape == (120, 160, 3)
    x0, y0, _, _ = (round(side) for side in trace.steps[1].value[0].box)  # type: ignore[index]
    assert tuple(picture[y0, x0]) == (255, 64, 64)
    assert trace.frame(-1).size == (160, 120)
    with pytest.raises(TraceError, match="1 kept frames, got index 1"):
        trace.frame(1)


def test_trace_as_a_table(result: vprog.Result) -> None:
    pytest.importorskip("pandas")
    table = result.trace.to_pandas()
    assert list(table["kind"]) == ["call", "call", "value", "value", "answer"]
    assert table.loc[1, "module"] == "find_square/FindSquare"
    assert json.loads(table.loc[1, "value"])[0]["label"] == "square"
    assert json.loads(table.loc[0, "arguments"])["time"] == 0.5


def test_trace_as_a_parquet_file(result: vprog.Result, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    result.trace.to_parquet(tmp_path / "steps.parquet")
    table = parquet.read_table(tmp_path / "steps.parquet")
    assert table["kind"].to_pylist() == ["call", "call", "value", "value", "answer"]
    assert json.loads(table["value"][4].as_py()) == result.answer
    assert table.schema.metadata[b"vprog.question"] == result.trace.question.encode()


def test_trace_as_a_page_in_a_file(result: vprog.Result, tmp_path: Path) -> None:
    text = result.trace.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == text
    assert "<article" in result.trace._repr_html_()


def test_trace_as_plain_lists(result: vprog.Result) -> None:
    shown = result.trace.to_dict()
    assert (shown["schema"], shown["run"]) == (1, result.trace.folder.name)
    assert shown["result"]["answer"] == 1
    first = shown["steps"][0]
    assert first["value"] == {"$type": "Frame", "video": 0, "time": 0.5, "region": None}


def test_trace_of_a_run_that_was_cut_off(result: vprog.Result) -> None:
    folder = result.trace_path
    assert folder is not None
    file = folder / "trace.jsonl"
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[:-1]) + b"\n")
    trace = vprog.Trace.load(folder)
    assert (trace.status, trace.result, trace.answer) == ("cut off", {}, None)
    assert len(trace.steps) == 5
