"""Stretches of time that were found for several options, made into few to look at.

Repeats within one option go (non-maximum suppression), what overlaps across options becomes
one stretch, and the best stretches are kept up to a number of frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.types import Span

REPEATS = 0.5
"""Two stretches of one option that overlap more than this are one finding."""

FPS = 1.0
"""Frames per second of a stretch, while the frames last."""


@dataclass(frozen=True)
class Grounded:
    """One stretch found for one option; `item` is what a program calls it."""

    option: int
    video: int
    span: Span
    score: float
    text: str = ""
    item: str = ""


@dataclass(frozen=True)
class Fused:
    """One stretch, and the findings that overlap in it, in order of time."""

    video: int
    span: Span
    score: float
    """The best of its findings'."""
    parts: tuple[Grounded, ...]

    @property
    def options(self) -> tuple[int, ...]:
        """The options that it was found for, in their order."""
        return tuple(sorted({part.option for part in self.parts}))


def fuse_options(found: Sequence[Grounded]) -> list[Fused]:
    """Findings of all options as few stretches: in order of video and time.

    Source: LeAdQA (2025): spans of each option's query, fused. Its fusion is not published:
    suppression within an option and the union of what overlaps stand in for it.
    """
    options = sorted({each.option for each in found})
    return unite([kept for at in options for kept in suppress(_of_option(found, at))])


def span_iou(a: Span, b: Span) -> float:
    """How much two stretches overlap: intersection over union, in [0, 1]; of one moment 1."""
    if a == b:
        return 1.0
    shared = min(a.end, b.end) - max(a.start, b.start)
    if shared <= 0:
        return 0.0
    return shared / (a.end - a.start + b.end - b.start - shared)


def suppress(found: Sequence[Grounded], limit: float = REPEATS) -> list[Grounded]:
    """Findings of one option without repeats, best first; the earlier of equals."""
    kept: list[Grounded] = []
    for each in sorted(found, key=lambda one: (-one.score, one.video, one.span)):
        near = [one for one in kept if one.video == each.video]
        if all(span_iou(each.span, one.span) <= limit for one in near):
            kept.append(each)
    return kept


def unite(found: Sequence[Grounded]) -> list[Fused]:
    """Findings that overlap or touch as one stretch; in order of video and time."""
    groups: list[list[Grounded]] = []
    end = 0.0
    for each in sorted(found, key=lambda one: (one.video, one.span, one.option)):
        if groups and groups[-1][0].video == each.video and each.span.start <= end:
            groups[-1].append(each)
            end = max(end, each.span.end)
        else:
            groups.append([each])
            end = each.span.end
    return [
        Fused(
            group[0].video,
            Span(group[0].span.start, max(each.span.end for each in group)),
            max(each.score for each in group),
            tuple(group),
        )
        for group in groups
    ]


def within_frames(fused: Sequence[Fused], most: int) -> list[tuple[Fused, int]]:
    """The best stretches and how many frames of each, `most` in all; in order of time.

    A stretch takes one frame for each second, at least one; the last one what is left.
    """
    kept: list[tuple[Fused, int]] = []
    left = most
    for each in sorted(fused, key=lambda one: (-one.score, one.video, one.span)):
        if left <= 0:
            break
        wanted = max(1, math.ceil((each.span.end - each.span.start) * FPS))
        kept.append((each, min(left, wanted)))
        left -= kept[-1][1]
    return sorted(kept, key=lambda one: (one[0].video, one[0].span))


def _of_option(found: Sequence[Grounded], option: int) -> list[Grounded]:
    return [each for each in found if each.option == option]
