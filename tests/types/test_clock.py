"""Moments, spans and lengths as people read them."""

from __future__ import annotations

import pytest

from vprog.types.clock import clock, clock_span, length_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00"), (7.0, "0:07"), (7.5, "0:07.5"), (59.999, "1:00"), (60.0, "1:00"),
     (61.25, "1:01.25"), (3600.0, "1:00:00"), (3725.5, "1:02:05.5"), (0.004, "0:00")],
)  # fmt: skip
def test_clock_is_how_people_write_times(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_clock_span_is_a_moment_a_span_or_nothing() -> None:
    assert clock_span(None, None) == ""
    assert clock_span(2.0, None) == clock_span(2.0, 2.0) == "0:02"
    assert clock_span(2.0, 3.5) == "0:02-0:03.5"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.256, "0.26 s"),
        (12.34, "12.3 s"),
        (59.4, "59.4 s"),
        (59.97, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_length_text_has_the_units_that_people_say(seconds: float, text: str) -> None:
    assert length_text(seconds) == text
