"""The newest run is the one with the highest number, whatever the clock says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.view.runs import answered, ended, program, started
from vprog.trace.recorder import Recorder
from vprog.trace.run_names import new_run_folder, run_order
from vprog.trace.store import find_trace, list_traces, prune, run_folders


def record(parent: Path) -> Path:
    recorder = Recorder.open_new(parent)
    for event in (started(), program("answer(1)"), answered(1), ended()):
        recorder.write(event)
    recorder.close()
    return recorder.folder


def set_back(folder: Path, stamp: str) -> Path:
    """The run as if the clock had shown this when it began."""
    return folder.rename(folder.with_name(f"{stamp}-{folder.name.rpartition('-')[2]}"))


def test_last_is_the_newest_also_after_the_clock_was_set_back(tmp_path: Path) -> None:
    first = set_back(record(tmp_path), "20991231-235959")
    second = set_back(record(tmp_path), "20261025-023000")
    third = set_back(record(tmp_path), "20010101-000000")
    assert run_folders(tmp_path) == [first, second, third]
    assert find_trace(tmp_path, "last") == third
    assert [run.folder for run in list_traces(tmp_path)] == [third, second, first]
    assert find_trace(tmp_path, "000002") == second


def test_prune_lets_the_oldest_go_whatever_their_clock_said(tmp_path: Path) -> None:
    first = set_back(record(tmp_path), "20991231-235959")
    second = set_back(record(tmp_path), "20010101-000000")
    assert prune(tmp_path, 2000, keep=second) == [first]


def test_numbers_go_on_after_older_names_and_foreign_ones(tmp_path: Path) -> None:
    for name in ("20260101-000000-3f9a1c7b", "20260102-000000-12345678", "mine", "notes.txt"):
        (tmp_path / name).mkdir()
    folder = new_run_folder(tmp_path)
    assert folder.name.endswith("-n000001")
    names = [path.name for path in tmp_path.iterdir()]
    assert sorted(names, key=run_order)[-1] == folder.name
    assert sorted(names, key=run_order)[0] == "20260101-000000-3f9a1c7b"


def test_processes_that_begin_runs_at_once_never_share_a_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vprog.trace.run_names import new_run_folder\n"
        "for _ in range(40): new_run_folder(Path(sys.argv[1]))\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    assert len(list(tmp_path.iterdir())) == 160
