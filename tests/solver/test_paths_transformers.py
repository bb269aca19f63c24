"""The fast path through a model in this process: random weights, the ordinary way in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.vlm.tiny_vlm import SMOL, save_tiny_vlm
from vprog.registry.registry import Registry
from vprog_modules.frames.sample_frames_even import SampleFramesEven
from vprog_modules.vlm.ask_choice_transformers import AskChoiceTransformers


def test_model_in_this_process_answers_and_is_cached(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    clip = draw_video(tmp_path / "clip.mp4", 20)
    folder = save_tiny_vlm(tmp_path / "model", SMOL)
    registry = Registry()
    for each in (SampleFramesEven, AskChoiceTransformers):
        registry.add(each)
    results = [
        vprog.solve(
            clip, "Which colour?", choices=["red", "blue"], registry=registry,
            vlm=f"hf:{folder}", mode="fast", floor=0.0,
        )
        for _ in range(2)
    ]  # fmt: skip
    vprog.close()
    first, second = results
    assert (first.status, first.path) == ("answered", "fast")
    assert first.choice in (0, 1)
    assert first.score is not None
    assert 0.0 < first.score < 1.0
    assert (second.answer, second.score) == (first.answer, first.score)
    assert second.cost.module_calls["cached"] == second.cost.module_calls["issued"]
