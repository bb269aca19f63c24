"""Retrieval through registry, sandbox and broker: tiny models where the hub's tools put them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.models.tiny_vision import CLIP, SIGLIP, in_hub_cache, save_tiny_clip
from vprog.registry.availability import availability
from vprog.registry.discover import discover
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.trace.event import ModuleCalled
from vprog_modules.retrieval import retrieval_transformers

PROGRAM = """
frames = search_frames(video, "a red square", count=3, fps=5.0)
clips = search_clips(video, "a red square", seconds=1.0, count=2, fps=5.0)
events = ground_event(video, "a red square", fps=5.0, smooth=0.4)
assert len(frames) == 3 and len(clips) == 2
answer(frames[0].start, evidence=[frames[0], *clips, *events])
"""
NAMES = (
    "SearchFramesSiglip", "SearchClipsSiglip", "GroundEventSiglip",
    "SearchFramesClip", "SearchClipsClip", "GroundEventClip",
)  # fmt: skip


def decoded_by_calls(result: vprog.Result) -> list[int]:
    """How many frames were decoded for each call of a run."""
    events = result.trace.recording.events
    return [event.frames_decoded for event in events if isinstance(event, ModuleCalled)]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for kind, weights in (
        (CLIP, retrieval_transformers.CLIP),
        (SIGLIP, retrieval_transformers.SIGLIP),
    ):
        save_tiny_clip(in_hub_cache(tmp_path / "hub", weights.id), kind)
    return tmp_path / "hub"


@pytest.mark.parametrize("name", NAMES)
def test_module_conforms(hub: Path, name: str) -> None:
    module = getattr(retrieval_transformers, name)
    assert check_module(module, arguments={"query": "a red square"}) == []


def test_program_searches_and_is_answered_from_cache_and_index(
    hub: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    clip = draw_video(tmp_path / "clip.mp4", 30)
    first = vprog.run(clip, PROGRAM)
    assert first.status == "answered", first.error
    assert [piece.supported for piece in first.evidence] == [True] * len(first.evidence)
    assert decoded_by_calls(first)[0] > 0
    assert decoded_by_calls(first)[1:] == [0, 0]  # the three tasks share one index
    again = vprog.run(clip, PROGRAM)
    assert again.answer == first.answer
    assert again.cost.module_calls["cached"] == 3
    other = vprog.run(clip, PROGRAM.replace("a red square", "a blue sky"))
    vprog.close()
    assert other.cost.module_calls["executed"] == 3
    assert decoded_by_calls(other) == [0, 0, 0]  # from the index on disk


def test_weights_of_another_state_are_another_index_and_another_result(
    hub: Path, home: Path, tmp_path: Path
) -> None:
    def identity() -> tuple[str, ...]:
        registry = discover()
        (spec,) = [
            spec for spec in registry.implementations("search_frames")
            if spec.implementation == "SearchFramesClip"
        ]  # fmt: skip
        return spec.identity()

    before = identity()
    in_hub_cache(hub, retrieval_transformers.CLIP.id, commit="1" * 40).mkdir()
    assert identity() != before


def test_without_weights_the_modules_say_which_command_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    registry = Registry([getattr(retrieval_transformers, name).__vprog_module__ for name in NAMES])
    for task in ("search_frames", "search_clips", "ground_event"):
        for spec in registry.implementations(task):
            able = availability(spec)
            assert not able.ok
            assert spec.weights[0].id in able.command
