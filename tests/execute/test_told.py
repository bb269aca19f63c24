"""Whether what a module told says what an answer says."""

from __future__ import annotations

import pytest

from vprog.execute.told import MOST, places_of, told_by
from vprog.types import (
    Box,
    Colour,
    Detection,
    Event,
    Frame,
    Level,
    MemoryRow,
    Reply,
    Span,
    TextLine,
)

FRAME = Frame(0, 2.0)
LINE = TextLine("Exit  12", Box(0, 0, 4, 4), 0.7, FRAME)
GREEN = Colour("green", 0.6, 20, 200, 30, 0.9, FRAME)
BLACK = Event("black", 1.25, 3.5, 0.8)


@pytest.mark.parametrize(
    ("result", "value", "says"),
    [
        ([LINE], "exit 12", True),
        ([LINE], 12, False),
        ([LINE], "exit", False),
        ([GREEN], "Green.", True),
        ([GREEN], "blue", False),
        ([BLACK], "black", True),
        ([BLACK], 1.25, False),
        ([Reply("12 cars", 0.5)], 12, True),
        ([BLACK], Span(1.25, 3.5), True),
        ([BLACK], (1.25, 3.5), True),
        ([BLACK], [1.25, 3.5], True),
        ([BLACK], (1.25, 4.0), False),
        ([BLACK], 2, False),
        ([BLACK], 2.0, False),
        (Reply("yes", 0.5), True, True),
        (Reply("yes", 0.5), "no", False),
        ([MemoryRow({"n": 1}, {}, [LINE])], "exit 12", True),
    ],
)
def test_an_answer_is_told_by_its_text_its_number_or_its_times(
    result: object, value: object, says: bool
) -> None:
    assert any(one.says(value) for one in told_by(result)) is says


@pytest.mark.parametrize(
    ("result", "value", "cited", "says"),
    [
        ([GREEN], "green", [FRAME], True),
        ([GREEN], "green", [Frame(0, 9.0)], False),
        ([GREEN], "green", [Frame(0, 9.0), Span(1.0, 3.0)], True),
        ([BLACK], 1.25, [BLACK], True),
        ([BLACK], 3.5, [Span(3.0, 4.0)], True),
        ([BLACK], 1.25, [Frame(0, 9.0)], False),
        ([BLACK], Span(1.25, 3.5), [Span(8.0, 9.0)], False),
        ([Reply("no", 0.5)], False, [Frame(0, 9.0)], True),
    ],
)
def test_what_was_found_elsewhere_does_not_say_it(
    result: object, value: object, cited: list[object], says: bool
) -> None:
    assert any(one.says(value, places_of(cited)) for one in told_by(result)) is says


def test_values_without_a_score_tell_nothing() -> None:
    assert told_by([Level(1.0, 2.0), FRAME, Span(0.0, 1.0)]) == ()
    assert told_by("a caption") == ()


def test_of_many_values_the_first_are_kept() -> None:
    dog = Detection("dog", Box(0, 0, 1, 1), 0.5, FRAME)
    assert len(told_by([dog] * (MOST + 5))) == MOST
