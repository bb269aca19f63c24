"""The value algebra against values checked by hand, and what must always hold."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vprog.program import algebra as a
from vprog.types import Box, Detection, Event, Frame, Level, Shot, Span, Track

times = st.integers(0, 20).map(float)
spans = st.tuples(times, times).map(lambda pair: Span(min(pair), max(pair)))
span_lists = st.lists(spans, max_size=6)


def walk(x0: float, x1: float, y0: float = 0.0, y1: float = 0.0) -> Track:
    """A track of a thing of 10 x 10 pixels that goes from one place to another in 2 s."""
    found = [
        Detection("dog", Box(x, y, x + 10, y + 10), 0.9, Frame(0, time))
        for x, y, time in ((x0, y0, 1.0), (x1, y1, 3.0))
    ]
    return Track(1, "dog", Span(1.0, 3.0), found, 0.9)


def test_span_of_reads_the_time_of_anything() -> None:
    detection = Detection("dog", Box(0, 0, 1, 1), 0.5, Frame(0, 4.0))
    assert a.span_of(Shot(1.0, 2.0, "cut", 1.0)) == Span(1.0, 2.0)
    assert a.span_of(walk(0, 0)) == Span(1.0, 3.0)
    assert a.span_of(Frame(0, 3.0)) == Span(3.0, 3.0)
    assert a.span_of(Level(2.5, 0.1)) == Span(2.5, 2.5)
    assert a.span_of(detection) == Span(4.0, 4.0)
    assert a.duration(Event("silence", 1.0, 3.5, 1.0)) == 2.5


def test_folded_texts_compare_without_accents_and_capitals() -> None:
    assert a.folded("Crème BRÛLÉE, Straße") == "creme brulee, strasse"
    assert a.folded("İstanbul") == a.folded("ISTANBUL") == "istanbul"
    assert a.folded("日本 Ёлка") == "日本 елка"


def test_union_merges_what_touches() -> None:
    assert a.union([Span(4, 5), Span(0, 2), Span(2, 3)]) == [Span(0, 3), Span(4, 5)]
    assert a.union([]) == []


def test_intersect_and_gaps() -> None:
    assert a.intersect([Span(0, 4), Span(6, 9)], [Span(3, 7)]) == [Span(3, 4), Span(6, 7)]
    assert a.gaps([Span(1, 2), Span(4, 9)], Span(0, 6)) == [Span(0, 1), Span(2, 4)]
    assert a.gaps([Span(7, 8)], Span(0, 6)) == [Span(0, 6)]
    assert a.gaps([], Span(0, 6)) == [Span(0, 6)]
    assert a.gaps([Span(0, 6)], Span(0, 6)) == []


@given(span_lists, spans)
def test_gaps_and_cover_make_the_whole(items: list[Span], whole: Span) -> None:
    covered = a.intersect(items, [whole])
    free = a.gaps(items, whole)
    assert a.intersect(covered, free) == []
    total = sum(a.duration(item) for item in covered + free)
    assert total == pytest.approx(a.duration(whole))


@given(span_lists, span_lists)
def test_intersect_is_symmetric_and_within_both(one: list[Span], other: list[Span]) -> None:
    shared = a.intersect(one, other)
    assert shared == a.intersect(other, one)
    assert a.intersect(shared, one) == shared


@given(span_lists)
def test_union_is_sorted_and_apart(items: list[Span]) -> None:
    merged = a.union(items)
    assert all(x.end < y.start for x, y in itertools.pairwise(merged))
    assert a.union(merged) == merged


def test_before_after_between() -> None:
    items = [Span(0, 2), Span(2, 4), Span(5, 6)]
    assert a.before(items, 4) == items[:2]
    assert a.after(items, 2) == items[1:]
    assert a.between(items, 3, 5.5) == items[1:]
    assert a.between(items, 2, 2) == items[:2]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Span(0, 2), Span(1, 3), True),
        (Span(0, 1), Span(1, 2), False),
        (Span(1, 1), Span(1, 2), True),
        (Span(0, 1), Span(2, 3), False),
    ],
)
def test_overlaps(one: Span, other: Span, expected: bool) -> None:
    assert a.overlaps(one, other) is expected
    assert a.overlaps(other, one) is expected


def test_longest_is_the_first_of_equals() -> None:
    assert a.longest([Span(0, 1), Span(3, 5), Span(6, 8)]) == Span(3, 5)
    with pytest.raises(ValueError, match="longest"):
        a.longest([])


def test_boxes() -> None:
    box = Box(0, 0, 10, 20)
    assert a.area(box) == 200
    assert a.area(Box(5, 5, 1, 1)) == 0
    assert a.centre(box) == (5, 10)
    assert a.iou(box, Box(5, 0, 15, 20)) == pytest.approx(1 / 3)
    assert a.iou(box, Box(10, 0, 20, 20)) == 0
    assert a.contains(box, (0, 0))
    assert not a.contains(box, (10, 0))
    assert a.crop(Frame(1, 2.0), box) == Frame(1, 2.0, box)


def test_nms_keeps_the_better_of_two() -> None:
    frame = Frame(0, 0.0)
    found = [
        Detection("a", Box(0, 0, 10, 10), 0.5, frame),
        Detection("b", Box(1, 0, 11, 10), 0.9, frame),
        Detection("c", Box(30, 0, 40, 10), 0.1, frame),
    ]
    assert [detection.label for detection in a.nms(found)] == ["b", "c"]
    assert [item.label for item in a.nms(found, 0.9)] == ["b", "a", "c"]


def test_majority_is_the_first_of_equals() -> None:
    assert a.majority([2, 1, 1, 2, 3]) == 2
    assert a.majority(x for x in "aab") == "a"
    with pytest.raises(ValueError, match="majority"):
        a.majority([])


def test_tracks_at() -> None:
    track = walk(0, 0)
    assert a.tracks_at([track], 1.0) == [track]
    assert a.tracks_at([track], 3.5) == []
    assert a.tracks_at([track], 3.5, tolerance=0.5) == [track]


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (walk(0, 100), "right"),
        (walk(100, 0), "left"),
        (walk(0, 1, 0, 50), "down"),
        (walk(0, 1, 50, 0), "up"),
        (walk(0, 4), "still"),
    ],
)
def test_direction(track: Track, expected: str) -> None:
    assert a.direction(track) == expected


def test_speed_and_crosses() -> None:
    assert a.speed(walk(0, 30, 0, 40)) == 25.0
    assert a.crosses(walk(0, 290), 300)
    assert a.crosses(walk(290, 0), 300)
    assert not a.crosses(walk(0, 150), 300)
    empty = walk(0, 0)._replace(detections=[])
    with pytest.raises(ValueError, match="no detections"):
        a.direction(empty)


def test_words_of() -> None:
    assert a.words_of("Don't stop: it's 3 o'clock, été!") == [
        "don't", "stop", "it's", "3", "o'clock", "été",
    ]  # fmt: skip


def test_levels() -> None:
    levels = [Level(0.0, 3.0), Level(1.0, 5.0), Level(2.0, 5.0), Level(3.0, 1.0)]
    assert a.highest(levels) == Level(1.0, 5.0)
    assert a.lowest(levels) == Level(3.0, 1.0)
    assert a.level_at(levels, 2.9) == 1.0
    for function in (a.highest, a.lowest):
        with pytest.raises(ValueError, match="empty"):
            function([])
    with pytest.raises(ValueError, match="empty"):
        a.level_at([], 1.0)
