from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drawing import draw_video
from tests.strategies.equipped import ask_with, registry_with
from vprog.config import load_settings
from vprog.registry.module import implements
from vprog.registry.registry import Registry
from vprog.runs.run import Run
from vprog.solver.solver import shared
from vprog.strategies.option_grounding import (
    RetrievedSpan,
    fuse_options,
    moment_retrievers,
    span_iou,
    suppress,
    unite,
    within_frames,
)
from vprog.trace.event import ProgramWritten, Warned
from vprog.types import Match, Span, Video

Sources = Callable[..., list[str]]


@implements("ground_event", rank=99)
class GroundOneSpan:
    """Finds one span, always the same."""

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        span: Span | None = None,
        fps: float = 2.0,
        smooth: float = 2.0,
        count: int = 5,
    ) -> list[Match]:
        return [Match(query, 0.2, 0.6, 0.5, "events")]


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
            return [grounder.source for grounder in moment_retrievers(run)]

    return of


def test_modules_that_search_pictures_come_before_words(sources: Sources) -> None:
    assert sources(registry_with(GroundOneSpan)) == [
        "found = [ground_event(video, query) for query in queries]\n",
        "written = find_text(video)\nfound = [search_text(written, query) for query in queries]\n",
    ]


def test_every_video_is_searched(sources: Sources, drawn: Path) -> None:
    (_, words) = sources(registry_with(GroundOneSpan), drawn, drawn)
    assert "written_1 = find_text(videos[1])" in words
    assert "search_text(written_0, query) + search_text(written_1, query)" in words


def test_one_span_for_all_options_is_said(drawn: Path, tmp_path: Path) -> None:
    replies = [
        '{"queries": ["a", "b"]}',
        "```python\nanswer(choices[1], evidence=[found[1][0]])\n```",
    ]
    registry = registry_with(GroundOneSpan)
    run = ask_with(registry, [drawn], tmp_path, "options", replies, choices=["A", "B"])
    assert run.result.answer == "B"
    assert run.result.evidence[0].supported
    assert any("2 parts; spans of time: 1" in warned.text for warned in run.of(Warned))
    assert "also_for_choices" in run.prompt(1)
    assert len(run.of(ProgramWritten)) == 2


def at(start: float, end: float, score: float, option: int = 0, video: int = 0) -> RetrievedSpan:
    return RetrievedSpan(option, video, Span(start, end), score)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Span(0.0, 4.0), Span(2.0, 6.0), 2 / 6),
        (Span(0.0, 4.0), Span(1.0, 3.0), 0.5),
        (Span(0.0, 4.0), Span(4.0, 6.0), 0.0),
        (Span(0.0, 1.0), Span(5.0, 6.0), 0.0),
        (Span(2.0, 2.0), Span(2.0, 2.0), 1.0),
        (Span(2.0, 2.0), Span(0.0, 4.0), 0.0),
    ],
)
def test_span_iou_is_intersection_over_union(a: Span, b: Span, expected: float) -> None:
    assert span_iou(a, b) == span_iou(b, a) == pytest.approx(expected)


def test_repeats_within_an_option_go_and_others_stay() -> None:
    first, repeat, beside, elsewhere = (
        at(0.0, 4.0, 0.9),
        at(0.5, 4.0, 0.8),  # 3.5 / 4 of the first
        at(2.0, 6.0, 0.7),  # 2 / 6 of the first
        at(0.5, 4.0, 0.6, video=1),
    )
    assert suppress([repeat, elsewhere, first, beside]) == [first, beside, elsewhere]
    assert suppress([first, beside], limit=0.3) == [first]
    assert suppress([]) == []


def test_a_suppressed_finding_does_not_suppress_others() -> None:
    chain = [at(0.0, 4.0, 0.9), at(1.0, 5.0, 0.8), at(2.0, 6.0, 0.7)]  # 3/5, 3/5, 2/6
    assert suppress(chain) == [chain[0], chain[2]]


def test_overlaps_across_options_are_one_stretch_with_the_best_score() -> None:
    fused = fuse_options(
        [
            at(0.0, 4.0, 0.5, 0),
            at(0.5, 4.0, 0.4, 0),  # repeats the one before it
            at(3.0, 5.0, 0.9, 1),
            at(5.0, 6.0, 0.2, 2),  # touches
            at(8.0, 9.0, 0.3, 1),
            at(0.0, 1.0, 0.1, 2, video=1),
        ]
    )
    assert [(finding.video, finding.span, finding.score, finding.options) for finding in fused] == [
        (0, Span(0.0, 6.0), 0.9, (0, 1, 2)),
        (0, Span(8.0, 9.0), 0.3, (1,)),
        (1, Span(0.0, 1.0), 0.1, (2,)),
    ]
    assert len(fused[0].parts) == 3
    assert fuse_options([]) == []


def test_a_stretch_inside_another_does_not_end_it() -> None:
    (fused,) = unite([at(0.0, 9.0, 0.5), at(1.0, 2.0, 0.6), at(8.0, 10.0, 0.1)])
    assert fused.span == Span(0.0, 10.0)


def test_the_best_are_kept_until_the_frames_are_spent_in_order_of_time() -> None:
    fused = unite([at(0.0, 2.5, 0.2), at(4.0, 4.0, 0.9), at(5.0, 15.0, 0.5)])
    assert [count for _, count in within_frames(fused, 99)] == [3, 1, 10]
    kept = within_frames(fused, 8)
    assert [(each.span.start, count) for each, count in kept] == [(4.0, 1), (5.0, 7)]
    assert within_frames(fused, 0) == []
