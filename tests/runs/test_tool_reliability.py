from __future__ import annotations

import pytest

from vprog.runs.reliability import is_low, reliability_of
from vprog.types import Box, Detection, Frame, Match, Reply, Span, Track

FRAME = Frame(0, 0.5)


def seen(score: float) -> Detection:
    return Detection("square", Box(0, 0, 1, 1), score, FRAME)


def found(score: float) -> Match:
    return Match("nine", 1.0, 2.0, score, "speech")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        ([[]], None),
        ([FRAME, [Span(0.0, 1.0)], "a caption", 7], None),
        ([[seen(0.2), seen(0.6)]], 0.4),
        ([[found(1.0), found(0.2)]], 1.0),
        ([[seen(0.2)], FRAME, [found(0.6)]], 0.4),
        ([Reply("a cup", 0.3)], 0.3),
        ([[Track(1, "square", Span(0.0, 1.0), [seen(0.1)], 0.9)]], 0.9),
        ([[seen(float("nan")), seen(0.5)]], 0.5),
        ([[seen(7.0)]], 1.0),
    ],
)
def test_reliability_is_that_of_the_scores(results: list[object], expected: float | None) -> None:
    assert reliability_of(results) == (None if expected is None else pytest.approx(expected))


def test_low_begins_below_one_half_and_needs_a_score() -> None:
    assert [is_low(each) for each in (None, 0.0, 0.49, 0.5, 1.0)] == [
        False,
        True,
        True,
        False,
        False,
    ]
