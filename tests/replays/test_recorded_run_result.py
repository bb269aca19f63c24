"""The result that a recording ends with, whatever somebody did to the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.replays.conftest import PROGRAM, Run
from vprog.errors import PackageMissingError, TraceError
from vprog.evaluation.audit.audit_run import audit
from vprog.registry.registry import Registry
from vprog.replays.recorded_run import result_of
from vprog.replays.replay_run import replay
from vprog.runs.result import ErrorInfo
from vprog.trace.store import read_trace, run_folders
from vprog.types import Box


def rewrite(folder: Path, event: str, change: dict[str, Any]) -> None:
    file = folder / "trace.jsonl"
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    for line in lines:
        if line["event"] == event:
            line.update(change)
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def test_result_of_is_what_json_printed(run: Run) -> None:
    recorded = run()
    found = result_of(recorded.trace.recording)
    assert (found.status, found.answer, found.path) == ("answered", 4, "program")
    assert found.program == PROGRAM
    assert [item.supported for item in found.evidence] == [True, True]
    assert isinstance(found.evidence[1].box, Box)
    failed = run("x = [1]\nanswer(x[4])")
    error = result_of(failed.trace.recording).error
    assert error is not None
    assert ErrorInfo(error.code, error.message, error.hint, error.line) == failed.error


@pytest.mark.parametrize(
    ("event", "change", "words"),
    [
        ("run_ended", {"result": [1]}, "the result cannot be read"),
        ("run_ended", {"result": {"answer": 4}}, "its result cannot be read"),
        ("run_ended", {"result": {"status": "fine"}}, '"fine" is no status'),
        ("run_ended", {"result": {"status": "answered", "evidence": [{"video": "x"}]}},
         "the result cannot be read"),
        ("run_ended", {"result": {"status": "answered", "answer": {"a": 1}}},
         "the result cannot be read"),
        ("run_ended", {"status": "internal"}, "ended as internal"),
        ("run_started", {"videos": []}, "the trace names no video"),
    ],
)  # fmt: skip
def test_result_that_cannot_be_is_an_error_for_replay_and_audit(
    run: Run, registry: Registry, event: str, change: dict[str, Any], words: str
) -> None:
    folder = run().trace_path
    assert folder is not None
    rewrite(folder, event, change)
    for ask in (lambda: result_of(read_trace(folder)),
                lambda: replay(folder, registry=registry),
                lambda: replay(folder, edits={5: "answer(1)"}, registry=registry),
                lambda: audit(folder, registry=registry)):  # fmt: skip
        with pytest.raises(TraceError, match=words):
            ask()


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": {}},
        {"task": "no_such_task"},
        {"fault": {"kind": "annotations", "message": "m", "hint": ""}, "error": "x"},
    ],
)
def test_calls_changed_by_hand_part_and_never_run(
    run: Run, registry: Registry, change: dict[str, Any]
) -> None:
    folder = run().trace_path
    assert folder is not None
    rewrite(folder, "module_called", change)
    made = replay(folder, registry=registry)
    assert made.first_difference is not None
    assert made.n_run == 0


@pytest.mark.parametrize("result", [None, "x" * 100_000, {"a": [1] * 5000}])
def test_result_that_the_module_cannot_have_given_is_an_error(
    run: Run, registry: Registry, result: object
) -> None:
    folder = run().trace_path
    assert folder is not None
    rewrite(folder, "module_called", {"result": result})
    with pytest.raises(TraceError, match=r"the recorded result of frame_at.* is none of its kind"):
        replay(folder, registry=registry)


def test_value_of_no_known_type_is_an_error(run: Run, registry: Registry) -> None:
    folder = run().trace_path
    assert folder is not None
    rewrite(folder, "module_called", {"result": {"$type": "Nonsense"}})
    with pytest.raises(TraceError, match="unknown type 'Nonsense'"):
        replay(folder, registry=registry)


def test_error_that_the_recorded_run_did_not_end_with_is_raised(
    run: Run, registry: Registry
) -> None:
    folder = run().trace_path
    assert folder is not None
    fault = {"kind": "PackageMissingError", "message": "gone.", "hint": "pip install it"}
    rewrite(folder, "module_called", {"fault": fault, "error": "missing: gone."})
    with pytest.raises(PackageMissingError, match="gone"):
        replay(folder, registry=registry)
    (made,) = [run_folder for run_folder in run_folders(folder.parent) if run_folder != folder]
    assert read_trace(made).ended is not None
