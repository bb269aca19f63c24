"""The trace is written as it happens and can be read after any end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vprog.errors import DiskFullError, TraceError, TraceNotFoundError
from vprog.trace.event import Printed, RunStarted
from vprog.trace.recorder import Recorder
from vprog.trace.store import (
    find_trace,
    list_traces,
    prune,
    prune_now_and_then,
    read_trace,
    run_folders,
)
from vprog.trace.trace_files import TRACE_FILE

STARTED = RunStarted(
    run="r",
    vprog="0",
    started="2026-01-01T00:00:00+00:00",
    question="how many?",
    choices=[],
    videos=[],
    writer="rules",
    answerer=None,
    device="cpu",
    preset="auto",
    isolation={"gate": True, "missing": []},
    modules=[],
)


def _run(folder: Path, *texts: str) -> Recorder:
    recorder = Recorder(folder)
    recorder.write(STARTED)
    for text in texts:
        recorder.write(Printed(cell=0, text=text))
    return recorder


def test_recorder_events_come_back_in_order_and_stamped(tmp_path: Path) -> None:
    _run(tmp_path / "run", "one", "two").close()
    recording = read_trace(tmp_path / "run")
    assert [event.text for event in recording.events if isinstance(event, Printed)] == [
        "one",
        "two",
    ]
    times = [event.at for event in recording.events]
    assert times == sorted(times)
    assert recording.damage == ""
    assert recording.ended is None


def test_recorder_keeps_a_picture_once_under_its_content(tmp_path: Path) -> None:
    recorder = _run(tmp_path / "run")
    first = recorder.keep_picture(0, 1.0, b"jpeg", size_wh=(4, 3), scale=0.5)
    second = recorder.keep_picture(0, 2.0, b"jpeg", size_wh=(4, 3), scale=0.5)
    recorder.close()
    assert first.file == second.file
    assert read_trace(tmp_path / "run").picture(first.file) == b"jpeg"
    with pytest.raises(TraceError, match="no picture"):
        read_trace(tmp_path / "run").picture("../trace.jsonl")


def test_recorder_a_line_cut_off_by_a_crash_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    _run(tmp_path / "run", "kept").close()
    file = tmp_path / "run" / TRACE_FILE
    file.write_bytes(file.read_bytes() + b'{"event":"printed","cell":0,"te')
    recording = read_trace(tmp_path / "run")
    assert len(recording.events) == 2
    assert "cut off" in recording.damage


def test_recorder_kill_in_the_middle_leaves_a_readable_trace(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from tests.trace.test_recorder import STARTED\n"
        "from vprog.trace.event import Printed\n"
        "from vprog.trace.recorder import Recorder\n"
        "recorder = Recorder(Path(sys.argv[1])); recorder.write(STARTED)\n"
        "recorder.write(Printed(cell=0, text='x' * 100000)); print('ready', flush=True)\n"
        "while True: recorder.write(Printed(cell=0, text='y' * 1000))\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run"), root], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child, child.stdout:
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.wait()
    recording = read_trace(tmp_path / "run")
    assert len(recording.events) >= 2
    assert recording.ended is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_recorder_full_disk_is_an_error_that_says_so(tmp_path: Path) -> None:
    recorder = _run(tmp_path / "run")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, recorder._file)
    os.close(full)
    with pytest.raises(DiskFullError, match=r"no space is left"):
        recorder.write(Printed(cell=0, text="more"))
    recorder.close()


def test_recorder_disk_that_fills_up_leaves_no_half_line(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs limits of POSIX")
    recorder = _run(tmp_path / "run")
    trace = tmp_path / "run" / "trace.jsonl"
    written = trace.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(written) + 20, hard))
    try:
        with pytest.raises(DiskFullError, match=r"no space is left"):
            recorder.write(Printed(cell=0, text="more than there is room for"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert trace.read_bytes() == written
    recorder.close()


def test_recorder_unwritable_folder_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TraceError, match="VPROG_TRACE_DIR"):
        Recorder(tmp_path / "file" / "run")


def test_store_lists_newest_first_and_leaves_out_what_is_no_trace(tmp_path: Path) -> None:
    _run(tmp_path / "20260101-000000-aaaaaa").close()
    _run(tmp_path / "20260102-000000-bbbbbb").close()
    (tmp_path / "notes").mkdir()
    listed = list(list_traces(tmp_path))
    assert [summary.folder.name[-6:] for summary in listed] == ["bbbbbb", "aaaaaa"]
    assert listed[0].status == "cut off"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("last", "bbbbbb"), ("aaaaaa", "aaaaaa"), ("20260101", "aaaaaa")],
)
def test_store_finds_a_trace_by_part_of_its_name(tmp_path: Path, name: str, expected: str) -> None:
    _run(tmp_path / "20260101-000000-aaaaaa").close()
    _run(tmp_path / "20260102-000000-bbbbbb").close()
    assert find_trace(tmp_path, name).name.endswith(expected)


@pytest.mark.parametrize("name", ["2026", "nothing", ""])
def test_store_a_name_that_fits_none_or_several_is_an_error(tmp_path: Path, name: str) -> None:
    _run(tmp_path / "t" / "20260101-000000-aaaaaa").close()
    _run(tmp_path / "t" / "20260102-000000-bbbbbb").close()
    with pytest.raises(TraceNotFoundError):
        find_trace(tmp_path / "t", name or "zzz")


def test_store_prune_removes_the_oldest_and_keeps_the_running_one(tmp_path: Path) -> None:
    old = tmp_path / "20260101-000000-aaaaaa"
    new = tmp_path / "20260102-000000-bbbbbb"
    _run(old, "x" * 5000).close()
    _run(new, "x" * 5000).close()
    assert prune(tmp_path, 8000, keep=new) == [old]
    assert [path.name for path in tmp_path.iterdir()] == [new.name]


@pytest.mark.parametrize("text", ["", "hello", '{"event":"printed","cell":0,"text":"x"}\n'])
def test_store_a_file_that_is_no_trace_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / TRACE_FILE).write_text(text)
    with pytest.raises(TraceError, match="not a trace"):
        read_trace(tmp_path)


def test_store_prune_now_and_then_is_not_done_for_every_run(tmp_path: Path) -> None:
    old, new = tmp_path / "20260101-000000-a", tmp_path / "20260102-000000-b"
    _run(old).close()
    _run(new).close()
    assert prune_now_and_then(tmp_path, 10**9, keep=new) == []
    assert prune_now_and_then(tmp_path, 1, keep=new) == []  # a moment ago
    assert prune_now_and_then(tmp_path, 1, keep=new, every_s=0.0) == [old]
    assert run_folders(tmp_path) == [new]


def test_store_lists_without_reading_what_lies_between(tmp_path: Path) -> None:
    run = tmp_path / "20260101-000000-a"
    _run(run, "one", "two").close()
    lines = (run / "trace.jsonl").read_bytes().splitlines(keepends=True)
    (run / "trace.jsonl").write_bytes(lines[0] + b"garbage\n" * 3 + lines[-1])
    (tmp_path / "20260102-000000-b").mkdir()
    (tmp_path / "20260102-000000-b" / "trace.jsonl").write_bytes(b"no trace")
    bad, listed = list_traces(tmp_path)
    assert (bad.status, bad.folder.name) == ("unreadable", "20260102-000000-b")
    assert "not an event" in bad.problem
    assert (listed.status, listed.folder) == ("cut off", run)
