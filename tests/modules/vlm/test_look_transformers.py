"""Clips, regions, actions and sufficiency by a model in this process: random weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.vlm.tiny_vlm import SMOL, save_tiny_vlm
from vprog_modules.vlm import clip_and_region_tasks
from vprog_modules.vlm.vlm_jobs import Job

PROGRAM = """
frames = sample_frames(video, count=3)
action = classify_action(frames, ["it moves", "it stands still"])
enough = judge_sufficient(frames, question)
part = describe_region(frames[0], Box(10.0, 10.0, 60.0, 60.0))
answer(f"{action.text} {enough.text} {len(caption_clip(frames).text) > 0} {len(part.text) > 0}",
       evidence=[action, *frames])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_vlm(tmp_path_factory.mktemp("models") / "tiny", SMOL)


@pytest.fixture(autouse=True)
def short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights write until they are stopped."""
    for name in ("clip_job", "region_job"):
        make = getattr(clip_and_region_tasks, name)

        def shortened(*given: Any, make: Any = make, **named: Any) -> Job:
            return replace(make(*given, **named), max_tokens=4)

        monkeypatch.setattr(clip_and_region_tasks, name, shortened)


def test_program_uses_them_with_one_model(
    folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    clip = draw_video(tmp_path / "clip.mp4", 20)
    result = vprog.run(clip, PROGRAM, question="What moves?", vlm=f"hf:{folder}")
    vprog.close()
    assert result.status == "answered", result.error
    assert str(result.answer).startswith("it ")
