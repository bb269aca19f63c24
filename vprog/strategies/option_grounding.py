"""Which modules here find the part of a video that a query means, and the cells that do it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.runs.attempt import Attempt
from vprog.runs.reward import UNSCORED
from vprog.runs.run import Run
from vprog.strategies.read_cells import TextSource, text_sources, video_name
from vprog.types import Span, wire
from vprog.types.locate import location_of

VISUAL_TASKS = ("ground_event", "search_clips", "search_frames")
"""Tasks that take a video and a query, best first."""

TEXT_TASKS = {"transcribe": "search_speech", "find_text": "search_text"}
"""Modules that search what others have read."""

REPEATS = 0.5
"""Two spans of one option that overlap more than this are one finding."""

FPS = 1.0
"""Frames per second of a span, while the frames last."""


@dataclass(frozen=True)
class MomentRetriever:
    """One way to find the part that a query means.

    Attributes:
        tasks: the modules that search, in the order of their calls for one query.
        videos: the video of each of these calls.
        source: the lines that find `found[i]` for each of `queries`.
    """

    tasks: tuple[str, ...]
    videos: tuple[int, ...]
    source: str

    def cell(self, queries: Sequence[str]) -> str:
        """The cell that grounds the queries."""
        return f"queries = {list(queries)!r}\n{self.source}"

    def found(self, attempt: Attempt) -> list[RetrievedSpan]:
        """What its cell found for each query; the part of its video that was read beforehand."""
        calls = [call for call in attempt.calls if call.task in self.tasks and not call.error]
        size = len(self.tasks)
        grounded: list[RetrievedSpan] = []
        for option in range(len(calls) // size):
            place = 0
            of_option = calls[option * size : (option + 1) * size]
            for call, video in zip(of_option, self.videos, strict=True):
                for result in wire.decode(bytes(call.result)):
                    item = f"found[{option}][{place}]"
                    place += 1
                    made = _retrieved(result, option, video, item)
                    grounded += [made] if made is not None else []
        return grounded


def moment_retrievers(run: Run) -> list[MomentRetriever]:
    """The ways there are here, best first: one that looks comes before the words."""
    modules = run.runtime.modules
    found: list[MomentRetriever] = []
    shown = [video.index for video in run.media.videos if video.width > 0]
    for task in VISUAL_TASKS:
        if shown and task in modules:
            calls = [f"{task}({video_name(run, index)}, query)" for index in shown]
            found.append(_retriever([task] * len(shown), shown, calls))
    wanted = [reading for reading in text_sources(run) if TEXT_TASKS[reading.task] in modules]
    if wanted:
        found.append(_text_retriever(wanted))
    return found


def _text_retriever(wanted: Sequence[TextSource]) -> MomentRetriever:
    tasks = [TEXT_TASKS[source.task] for source in wanted]
    made = _retriever(
        tasks,
        [source.video for source in wanted],
        [f"{task}({source.name}, query)" for task, source in zip(tasks, wanted, strict=True)],
    )
    before = "".join(source.source for source in wanted)
    return MomentRetriever(made.tasks, made.videos, before + made.source)


def _retriever(
    tasks: Sequence[str], videos: Sequence[int], calls: Sequence[str]
) -> MomentRetriever:
    source = f"found = [{' + '.join(calls)} for query in queries]\n"
    return MomentRetriever(tuple(tasks), tuple(videos), source)


def _retrieved(value: object, option: int, video: int, item: str) -> RetrievedSpan | None:
    """A result as a finding; None for one that is at no time."""
    place = location_of(value, video)
    if place is None or place.start is None or place.end is None:
        return None
    score = UNSCORED if place.score is None else place.score
    return RetrievedSpan(
        option, place.video, Span(place.start, place.end), score, place.text or "", item
    )


@dataclass(frozen=True)
class RetrievedSpan:
    """One span found for one option; `item` is what a program calls it."""

    option: int
    video: int
    span: Span
    score: float
    text: str = ""
    item: str = ""


@dataclass(frozen=True)
class FusedSpan:
    """One span, and the findings that overlap in it, in order of time."""

    video: int
    span: Span
    score: float
    """The best of its findings'."""
    parts: tuple[RetrievedSpan, ...]

    @property
    def options(self) -> tuple[int, ...]:
        """The options that it was found for, in their order."""
        return tuple(sorted({part.option for part in self.parts}))


def fuse_options(found: Sequence[RetrievedSpan]) -> list[FusedSpan]:
    """Findings of all options as few spans: in order of video and time.

    Source: LeAdQA (2025): spans of each option's query, fused. Its fusion is not published:
    suppression within an option and the union of what overlaps stand in for it.
    """
    options = sorted({moment.option for moment in found})
    return unite([kept for at in options for kept in suppress(_of_option(found, at))])


def span_iou(a: Span, b: Span) -> float:
    """How much two spans overlap: intersection over union, in [0, 1]; of one moment 1."""
    if a == b:
        return 1.0
    shared = min(a.end, b.end) - max(a.start, b.start)
    if shared <= 0:
        return 0.0
    return shared / (a.end - a.start + b.end - b.start - shared)


def suppress(found: Sequence[RetrievedSpan], limit: float = REPEATS) -> list[RetrievedSpan]:
    """Findings of one option without repeats, best first; the earlier of equals."""
    kept: list[RetrievedSpan] = []
    for moment in sorted(found, key=lambda one: (-one.score, one.video, one.span)):
        near = [one for one in kept if one.video == moment.video]
        if all(span_iou(moment.span, one.span) <= limit for one in near):
            kept.append(moment)
    return kept


def unite(found: Sequence[RetrievedSpan]) -> list[FusedSpan]:
    """Findings that overlap or touch as one span; in order of video and time."""
    groups: list[list[RetrievedSpan]] = []
    end = 0.0
    for moment in sorted(found, key=lambda one: (one.video, one.span, one.option)):
        if groups and groups[-1][0].video == moment.video and moment.span.start <= end:
            groups[-1].append(moment)
            end = max(end, moment.span.end)
        else:
            groups.append([moment])
            end = moment.span.end
    return [
        FusedSpan(
            group[0].video,
            Span(group[0].span.start, max(moment.span.end for moment in group)),
            max(moment.score for moment in group),
            tuple(group),
        )
        for group in groups
    ]


def within_frames(fused: Sequence[FusedSpan], most: int) -> list[tuple[FusedSpan, int]]:
    """The best spans and how many frames of each, `most` in all; in order of time.

    A span takes one frame for each second, at least one; the last one what is left.
    """
    kept: list[tuple[FusedSpan, int]] = []
    left = most
    for span in sorted(fused, key=lambda one: (-one.score, one.video, one.span)):
        if left <= 0:
            break
        wanted = max(1, math.ceil((span.span.end - span.span.start) * FPS))
        kept.append((span, min(left, wanted)))
        left -= kept[-1][1]
    return sorted(kept, key=lambda one: (one[0].video, one[0].span))


def _of_option(found: Sequence[RetrievedSpan], option: int) -> list[RetrievedSpan]:
    return [moment for moment in found if moment.option == option]
