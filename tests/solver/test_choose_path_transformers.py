"""The fast path through a model in this process: random weights, the ordinary way in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.vlm.tiny_vlm import SMOL, save_tiny_vlm
from vprog.models.hf import loading
from vprog.registry.registry import Registry
from vprog_modules.frames.sample_frames_even import SampleFramesEven
from vprog_modules.vlm.ask_choice_transformers import AskChoiceTransformers


def frames_and_choice() -> Registry:
    registry = Registry()
    for module in (SampleFramesEven, AskChoiceTransformers):
        registry.add(module)
    return registry


def test_model_in_this_process_answers_and_is_cached(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    clip = draw_video(tmp_path / "clip.mp4", 20)
    folder = save_tiny_vlm(tmp_path / "model", SMOL)
    registry = frames_and_choice()
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


def test_writer_and_vlm_of_one_name_load_one_model(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    loads: list[str] = []
    load = loading.load_model

    def counted(folder: str, device: str) -> loading.TransformersModel:
        loads.append(folder)
        return load(folder, device)

    monkeypatch.setattr(loading, "load_model", counted)
    clip = draw_video(tmp_path / "clip.mp4", 20)
    folder = str(save_tiny_vlm(tmp_path / "model", SMOL))
    result = vprog.solve(
        clip, "Which colour?", choices=["red", "blue"], registry=frames_and_choice(),
        llm=f"hf:{folder}", vlm=f"hf:{folder}", device="cpu", threshold=1.0, repairs=0,
        max_llm_calls=2,
    )  # fmt: skip
    vprog.close()
    assert result.cost.llm_calls == 2  # the fast answer, and a program
    assert result.cost.module_calls["executed"] == 2
    assert loads == [folder]
