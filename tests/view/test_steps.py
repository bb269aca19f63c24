"""A recording put in order: steps, lines, cells."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.view.runs import answered, called, ended, program, raw, started, write
from vprog.trace.event import Abstained, CellFailed, PictureKept, Printed, StepValue, TraceEvent
from vprog.types import Span
from vprog.view.steps import STEP_OF, Story


def test_steps_come_in_the_order_in_which_they_happened(tmp_path: Path) -> None:
    recording = write(
        tmp_path / "r", started(), program("a = detect(f)\nanswer(a)"), called(1, 3),
        StepValue(cell=0, line=1, name="a", type="int", length=None, text="3"),
        Printed(cell=0, text="one "), Printed(cell=0, text="two"), answered(3, line=2), ended(),
    )  # fmt: skip
    story = Story(recording)
    assert [(step.kind, step.line, step.text) for step in story.steps] == [
        ("call", 1, "3"), ("value", 1, "3"), ("printed", None, "one two"), ("answer", 2, "3"),
    ]  # fmt: skip
    assert [step.index for step in story.steps] == [0, 1, 2, 3]
    first, second = story.lines
    assert (first.source, first.seconds, first.how()) == ("a = detect(f)", 0.01, {"executed": 1})
    assert ([step.kind for step in second.steps], second.calls) == (["answer"], [])


def test_steps_of_cells_lie_on_their_own_lines_and_the_last_writing_counts(tmp_path: Path) -> None:
    recording = write(
        tmp_path / "r", started(), program("wrong"), program("x = 1"), program("y = 2", cell=1),
        StepValue(cell=1, line=1, name="y", type="int", length=None, text="2"), ended(),
    )  # fmt: skip
    story = Story(recording)
    assert [(line.cell, line.source) for line in story.lines] == [(0, "x = 1"), (1, "y = 2")]
    assert [len(line.values) for line in story.lines] == [0, 1]


def test_calls_that_cannot_be_read_are_left_out_and_told(tmp_path: Path) -> None:
    recording = write(
        tmp_path / "r", started(), program("x"),
        called(1, 3, arguments=raw([1])), called(1, 3, result=msgspec.Raw(b'{"$type":"Fromage"}')),
        called(1, 3), ended(),
    )  # fmt: skip
    assert [step.value for step in Story(recording).steps] == [3]
    assert "line 4 cannot be read: not an event: arguments must be named" in recording.damage
    assert "and 1 lines more" in recording.damage


def test_steps_of_failures_and_pictures(tmp_path: Path) -> None:
    recording = write(
        tmp_path / "r", started(), program("x"),
        CellFailed(cell=0, line=1, code="failed", message="went wrong.", hint="Do it."),
        Abstained(cell=0, line=None, reason="dark"),
        PictureKept(video=0, time=2.0, file="b", width=1, height=1, scale=1.0),
        PictureKept(video=0, time=1.0, file="a", width=1, height=1, scale=1.0),
        PictureKept(video=0, time=1.0, file="a", width=1, height=1, scale=1.0),
        ended("failed"),
    )  # fmt: skip
    story = Story(recording)
    assert [(step.kind, step.text) for step in story.steps] == [
        ("error", "went wrong. Do it."), ("abstain", "dark"),
    ]  # fmt: skip
    assert [picture.file for picture in story.pictures] == ["a", "b"]
    assert story.answered is None
    assert called(1, [Span(0.0, 1.0)]).video == 0


@pytest.mark.parametrize("kind", TraceEvent.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_that_is_shown_as_a_step_becomes_one(kind: type) -> None:
    assert (kind in STEP_OF) == ("steps" in kind.shown_in)
