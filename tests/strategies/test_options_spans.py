from __future__ import annotations

import pytest

from vprog.strategies.options_spans import (
    Grounded,
    fuse_options,
    span_iou,
    suppress,
    unite,
    within_frames,
)
from vprog.types import Span


def at(start: float, end: float, score: float, option: int = 0, video: int = 0) -> Grounded:
    return Grounded(option, video, Span(start, end), score)


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
    assert [(each.video, each.span, each.score, each.options) for each in fused] == [
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
