"""The first line of a trace: what was asked, of what, with what, behind which layers."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from tests.asking import Ask
from vprog.errors import DiskFullError, TraceError
from vprog.runs.run_events import isolation_layers, open_trace, run_started
from vprog.settings import SCALAR_KEYS, Settings


def test_run_started_names_question_files_modules_and_settings(ask: Ask) -> None:
    run = ask("What?", seed=4, vlm="openai:tiny")
    begun = run_started(
        "20260101-1", "What?", ("a", "b"), writer="rules", replay_of="20251231-9",
        media=run.media, runtime=run.runtime, settings=run.settings,
    )  # fmt: skip
    assert (begun.run, begun.question, begun.choices) == ("20260101-1", "What?", ["a", "b"])
    assert (begun.writer, begun.answerer, begun.replay_of) == (
        "rules", "openai:tiny", "20251231-9",
    )  # fmt: skip
    (opened,) = begun.videos
    assert opened.video == run.media.videos[0]
    assert opened.content_hash == run.media.content_hash(0)
    assert {module.task for module in begun.modules} == set(run.runtime.modules)


def test_run_started_settings_hold_every_scalar_and_no_folder(ask: Ask) -> None:
    run = ask("What?", seed=4)
    begun = run_started(
        "r", "What?", (), writer="rules", media=run.media, runtime=run.runtime,
        settings=run.settings,
    )  # fmt: skip
    assert begun.settings["seed"] == 4
    assert set(begun.settings) == set(SCALAR_KEYS) - {"trace_dir", "cache_dir"}
    assert begun.answerer is None
    assert begun.replay_of == ""


def test_isolation_layers_are_true_false_or_what_is_missing() -> None:
    layers = isolation_layers()
    assert list(layers) == ["gate", "vm", "process", "jail", "missing"]
    assert layers["gate"] is True
    assert isinstance(layers["missing"], list)


def test_trace_in_a_home_that_may_not_be_written_lies_elsewhere_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings = Settings(trace_dir=tmp_path / "home" / "state" / "vprog")
    recorder, warning = open_trace(settings, None)
    recorder.close()
    assert recorder.folder.parent == tmp_path / "vprog"
    assert f"The trace of this run lies in {recorder.folder}" in warning
    with pytest.raises(TraceError, match="cannot be written"):
        open_trace(replace(settings, sources={"trace_dir": "option"}), None)


def test_trace_on_a_full_disk_is_an_error_and_leaves_no_empty_file(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("vprog.trace.recorder.os.write", full)
    with pytest.raises(DiskFullError, match="no space is left"):
        ask(trace_dir=tmp_path / "full")
    assert list((tmp_path / "full").iterdir()) == []
