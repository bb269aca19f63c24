"""Typed looks by a model in this process: with random weights it says no number, and none comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

from tests.drawing import draw_video
from tests.modules.scenes import Opened
from tests.modules.vlm.tiny_vlm import SMOL, save_tiny_vlm
from vprog.errors import ModuleFailedError
from vprog.llm.vlm_spec import find_vlm
from vprog.registry.call_context import using
from vprog.types import Frame
from vprog_modules.vlm import number_time_list_tasks, time_halving, where_boxes
from vprog_modules.vlm.look_transformers import (
    AskCountTransformers,
    AskListTransformers,
    AskNumberTransformers,
    AskTimeTransformers,
    AskWhereTransformers,
    FirstTimeTransformers,
)
from vprog_modules.vlm.vlm_jobs import Job

FRAMES = [Frame(0, 0.0), Frame(0, 0.5)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_vlm(tmp_path_factory.mktemp("models") / "tiny", SMOL)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with Opened(draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights write until they are stopped."""
    for place, name in (
        (number_time_list_tasks, "question_job"),
        (time_halving, "question_job"),
        (where_boxes, "Job"),
    ):
        make = getattr(place, name)

        def shortened(*given: Any, make: Any = make, **named: Any) -> Job:
            return replace(make(*given, **named), max_tokens=4)

        monkeypatch.setattr(place, name, shortened)


def said_by(module: type, opened: Opened, folder: Path, *arguments: Any, **named: Any) -> Any:
    instance = module()
    instance.load("cpu", find_vlm(f"hf:{folder}"))
    try:
        with using(opened.context):
            return instance(*arguments, **named)
    finally:
        instance.unload()


@pytest.mark.parametrize(
    "module",
    [AskNumberTransformers, AskCountTransformers, AskTimeTransformers, AskListTransformers],
)
def test_words_at_random_are_no_typed_reply(module: type, opened: Opened, folder: Path) -> None:
    with pytest.raises(ModuleFailedError):
        said_by(module, opened, folder, FRAMES, "How many?")


def test_words_at_random_are_no_boxes(opened: Opened, folder: Path) -> None:
    with pytest.raises(ModuleFailedError):
        said_by(AskWhereTransformers, opened, folder, FRAMES[0], "the square")


def test_first_time_is_found_by_the_probability_of_yes(opened: Opened, folder: Path) -> None:
    """A model that names no pictures is asked of each; yes and no are read from probabilities."""
    times = [
        said_by(FirstTimeTransformers, opened, folder, opened.video, "it is red", count=4, step=0.5)
        for _ in range(2)
    ]
    assert times[0] == times[1]
    assert all(0.0 < match.score <= 1.0 and match.source == "frames" for match in times[0])
