"""Curves: numbers of a program over the times that belong to them, and over no others."""

from __future__ import annotations

from pathlib import Path

from tests.view.player.test_things import followed, seen
from tests.view.runs import answered, called, ended, program, raw, started, write
from vprog.trace.event import StepValue, TraceEvent
from vprog.types import Box, Frame, Level
from vprog.view.explored_trace import Trace
from vprog.view.player_model import Curve


def value(line: int, name: str, numbers: list[float]) -> StepValue:
    return StepValue(cell=0, line=line, name=name, type="list", length=len(numbers), text="[…]",
                     numbers=numbers)  # fmt: skip


def curves(folder: Path, *events: TraceEvent, answer: object = 3) -> list[Curve]:
    recording = write(folder, started(), program("a\nb\nc\nd"), *events, answered(answer, line=4),
                      ended(answer=answer))  # fmt: skip
    return Trace(recording).model.player.curves


def test_a_count_lies_over_the_list_of_times_that_has_its_length(tmp_path: Path) -> None:
    (curve,) = curves(
        tmp_path / "r", value(1, "times", [0.0, 0.5, 1.0, 1.5]), value(2, "counts", [1, 3, 2, 0])
    )
    assert (curve.name, curve.line, curve.is_answer) == ("counts", 2, True)
    assert curve.text == "counts of line 2, over times of line 1"
    assert (curve.times, curve.values) == ([0.0, 0.5, 1.0, 1.5], [1.0, 3.0, 2.0, 0.0])


def test_a_count_of_detections_lies_over_the_frames_that_its_line_looked_at(tmp_path: Path) -> None:
    looked = [called(2, [], arguments=raw({"frame": Frame(0, k * 2.0)})) for k in range(3)]
    (curve,) = curves(tmp_path / "r", *looked, value(2, "counts", [5, 1, 2]))
    assert (curve.times, curve.is_answer) == ([0.0, 2.0, 4.0], False)
    assert curve.text == "counts of line 2, over the frames it looked at"


def test_numbers_without_times_of_their_length_make_no_curve(tmp_path: Path) -> None:
    assert curves(tmp_path / "r", value(1, "times", [0.0, 1.0, 2.0]), value(2, "n", [1, 2])) == []


def test_what_calls_found_is_counted_where_the_program_counted_nothing(tmp_path: Path) -> None:
    far = Box(50.0, 50.0, 60.0, 60.0)
    tracks = [followed(0.0, 1.0, 2.0), followed(1.0, 2.0, box=far)]
    follow = called(1, tracks, task="track", arguments=raw({}))
    (curve,) = curves(tmp_path / "r", follow, answer=2)
    assert (curve.name, curve.values, curve.is_answer) == ("dog at once", [1.0, 2.0, 2.0], True)
    assert curves(tmp_path / "q", called(1, [seen(0.5)])) == []


def test_frames_in_which_nothing_was_found_count_as_none(tmp_path: Path) -> None:
    looked = [
        called(1, [seen(time)] if time else [], arguments=raw({"frame": Frame(0, time)}))
        for time in (0.0, 1.0, 2.0)
    ]
    (curve,) = curves(tmp_path / "r", *looked, answer="no")
    assert (curve.times, curve.values) == ([0.0, 1.0, 2.0], [0.0, 1.0, 1.0])


def test_levels_are_a_curve(tmp_path: Path) -> None:
    levels = [Level(0.0, 1.0), Level(1.0, 5.0), Level(2.0, 0.5)]
    (curve,) = curves(tmp_path / "r", called(1, levels, task="measure_motion"))
    assert (curve.name, curve.values) == ("measure_motion", [1.0, 5.0, 0.5])
