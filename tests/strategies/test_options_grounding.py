from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.strategies.equipped import ask_with, registry_with
from vprog.config import load_settings
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.solver.solver import shared
from vprog.strategies.options_grounding import grounders
from vprog.trace.event import ProgramWritten, Warned
from vprog.types import Frame, Span, Video


@module("ground_event")
class GroundOneSpan:
    def __call__(self, video: Video, query: str, *, span: Span | None = None) -> Span:
        """Find one stretch, always the same, without a score."""
        return Span(0.2, 0.6)


@module("search_frames")
class SearchGivenFrames:
    def __call__(self, frames: list[Frame], query: str) -> list[Frame]:
        """Search frames that were sampled before: not a call of a video and a query."""
        return frames


Sources = Callable[..., list[str]]


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return draw_video(tmp_path / "clip.mp4", 10)


@pytest.fixture
def sources(tmp_path: Path, drawn: Path) -> Sources:
    def of(registry: Registry, *clips: Path) -> list[str]:
        flags = {"trace_dir": tmp_path / "traces", "cache_dir": tmp_path / "cache"}
        settings = load_settings(flags, environment={})
        with (
            shared.runtimes.lend(settings, registry) as runtime,
            Run(runtime, settings, list(clips) or [drawn], "Which?", writer="none") as run,
        ):
            return [grounder.source for grounder in grounders(run)]

    return of


def test_only_modules_that_take_a_video_and_a_query_ground(sources: Sources) -> None:
    found = sources(registry_with(GroundOneSpan, SearchGivenFrames))
    assert found == [
        "found = [[ground_event(video, query)] for query in queries]\n",
        "written = find_text(video)\nfound = [search_text(written, query) for query in queries]\n",
    ]


def test_every_video_is_searched(sources: Sources, drawn: Path) -> None:
    (_, words) = sources(registry_with(GroundOneSpan), drawn, drawn)
    assert "written_1 = find_text(videos[1])" in words
    assert "search_text(written_0, query) + search_text(written_1, query)" in words


def test_a_stretch_without_a_score_is_found_all_the_same(drawn: Path, tmp_path: Path) -> None:
    replies = [
        '{"queries": ["a", "b"]}',
        "```python\nanswer(choices[1], evidence=[found[1][0]])\n```",
    ]
    registry = registry_with(GroundOneSpan)
    run = ask_with(registry, [drawn], tmp_path, "options", replies, choices=["A", "B"])
    assert run.result.answer == "B"
    assert run.result.evidence[0].supported
    assert "2 parts; stretches of time: 1" in run.of(Warned)[0].text
    assert "also_for_choices" in run.prompt(1)
    assert len(run.of(ProgramWritten)) == 2
