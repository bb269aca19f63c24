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
from vprog.llm.vlm_spec import find_vlm
from vprog.registry.module import spec_of
from vprog.testing import check_module
from vprog_modules.vlm import clip_and_region_tasks
from vprog_modules.vlm.ask_choice_transformers import AskChoiceTransformers
from vprog_modules.vlm.ask_yes_no_transformers import AskYesNoTransformers
from vprog_modules.vlm.look_transformers import (
    CaptionClipTransformers,
    ClassifyActionTransformers,
    DescribeRegionTransformers,
    JudgeSufficientTransformers,
)
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


@pytest.mark.parametrize(
    "module",
    [
        AskChoiceTransformers,
        AskYesNoTransformers,
        CaptionClipTransformers,
        DescribeRegionTransformers,
        ClassifyActionTransformers,
        JudgeSufficientTransformers,
    ],
)
def test_module_conforms_and_its_batch_equals_single_calls(module: type, folder: Path) -> None:
    spec = replace(spec_of(module), vlm=find_vlm(f"hf:{folder}"))
    named = [parameter.name for parameter in spec.signature.parameters]
    lists = {"actions": ["it moves", "it rests"], "choices": ["red", "grey"]}
    given = {name: value for name, value in lists.items() if name in named}
    findings = check_module(spec, arguments=given)
    assert [str(finding) for finding in findings] == []


def test_program_uses_them_with_one_model(
    folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    clip = draw_video(tmp_path / "clip.mp4", 20)
    result = vprog.run(clip, PROGRAM, question="What moves?", vlm=f"hf:{folder}")
    vprog.close()
    assert result.status == "answered", result.error
    assert str(result.answer).startswith("it ")
