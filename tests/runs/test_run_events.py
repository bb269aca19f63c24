"""The first line of a trace: what was asked, of what, with what, behind which layers."""

from __future__ import annotations

from tests.asking import Ask
from vprog.config import SCALAR_KEYS
from vprog.runs.run_events import isolation_layers, run_started


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
