from __future__ import annotations

import msgspec
import pytest

from vprog.execute.cell_outcome import Outcome
from vprog.runs.answer_reading import PlainAnswer
from vprog.runs.attempt import Attempt
from vprog.runs.reliability import evidence_reliability, is_low, reliability_of
from vprog.trace.event import ModuleCalled
from vprog.types import Box, Detection, Evidence, Frame, Match, Reply, Span, Track, wire

BOX = Box(0.0, 0.0, 9.0, 9.0)
FRAME = Frame(0, 0.5)


def seen(time: float, score: float) -> Detection:
    return Detection("square", BOX, score, Frame(0, time))


def cited(time: float) -> Evidence:
    return Evidence(0, time, time, BOX, "square", True)


def ran(*results: object) -> Attempt:
    """A cell whose calls gave this."""
    calls = tuple(
        ModuleCalled(
            id=number,
            cell=0,
            line=1,
            task="spot",
            implementation="Spot",
            arguments=msgspec.Raw(b"{}"),
            result=msgspec.Raw(wire.encode(result)),
            error=None,
            how="executed",
            seconds=0.0,
        )
        for number, result in enumerate(results)
    )
    return Attempt(1, (), ("x = 1",), Outcome("continues", 0), calls=calls)


def answer(*evidence: Evidence) -> Attempt:
    outcome = Outcome("answered", 1, value=1, evidence=evidence, score=0.8)
    return Attempt(2, (1,), ("x = 1", "answer(1)"), outcome, answer=PlainAnswer(1, None), n_calls=1)


EARLY, LATE, AGAIN = ran([seen(0.1, 0.2)]), ran([seen(0.5, 0.6)]), ran([seen(0.1, 0.9)])


@pytest.mark.parametrize(
    ("given", "cells", "reliability"),
    [
        (answer(cited(0.5)), [EARLY, LATE], 0.6),
        (answer(cited(0.1), cited(0.5)), [EARLY, LATE], 0.2),
        (answer(cited(0.1)), [EARLY, AGAIN], 0.9),  # the better of two reports
        (answer(cited(9.9)), [EARLY, LATE], 0.2),  # computed: the worst that led to it
        (answer(), [LATE], 0.6),
        (answer(cited(0.5)), [ran(Frame(0, 0.5), [])], None),  # nothing is scored
        (answer(cited(0.5)), [], None),
    ],
)
def test_an_answer_is_as_reliable_as_what_its_evidence_comes_from(
    given: Attempt, cells: list[Attempt], reliability: float | None
) -> None:
    found = evidence_reliability(given, cells)
    assert found == (None if reliability is None else pytest.approx(reliability))


def test_what_gave_no_answer_has_none() -> None:
    abstained = Attempt(2, (1,), ("x", "y"), Outcome("abstained", 1, reason="dark"))
    assert evidence_reliability(abstained, [EARLY]) is None


def scored(score: float) -> Detection:
    return Detection("square", BOX, score, FRAME)


def matched(score: float) -> Match:
    return Match("nine", 1.0, 2.0, score, "speech")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        ([[]], None),
        ([FRAME, [Span(0.0, 1.0)], "a caption", 7], None),
        ([[scored(0.2), scored(0.6)]], 0.4),
        ([[matched(1.0), matched(0.2)]], 1.0),
        ([[scored(0.2)], FRAME, [matched(0.6)]], 0.4),
        ([Reply("a cup", 0.3)], 0.3),
        ([[Track(1, "square", Span(0.0, 1.0), [scored(0.1)], 0.9)]], 0.9),
        ([[scored(float("nan")), scored(0.5)]], 0.5),
        ([[scored(7.0)]], 1.0),
    ],
)
def test_reliability_is_that_of_the_scores(results: list[object], expected: float | None) -> None:
    assert reliability_of(results) == (None if expected is None else pytest.approx(expected))


def test_low_begins_below_one_half_and_needs_a_score() -> None:
    assert [is_low(value) for value in (None, 0.0, 0.49, 0.5, 1.0)] == [
        False,
        True,
        True,
        False,
        False,
    ]
