"""Where ticks, marks and curves stand in the drawing of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vprog.view.model import Lane, Mark, Timeline
from vprog.view.words import clock

_WIDTH = 1000.0
_LEFT = 150.0
_RIGHT = 24.0
_LANE = 24.0
_TOP = 24.0
_LETTERS = 22
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_MOST_TICKS = 10


class Tick(NamedTuple):
    """A time on the axis."""

    x: float
    text: str


class DrawnMark(NamedTuple):
    """A time or span in a lane."""

    x: float
    y: float
    width: float
    height: float
    title: str


class DrawnLane(NamedTuple):
    """One row."""

    y: float
    """Of the base line of its label."""
    label: str
    is_evidence: bool
    marks: list[DrawnMark]
    points: str
    """Of the curve; "" for none."""
    title: str
    """Of the curve."""


class TimelineLayout(NamedTuple):
    """A timeline ready to draw."""

    width: float
    height: float
    ticks: list[Tick]
    lanes: list[DrawnLane]


def timeline_layout(timeline: Timeline) -> TimelineLayout:
    """Evidence above, then a lane for each line of the program."""
    duration = timeline.duration
    rows: list[tuple[Lane, bool]] = [(lane, False) for lane in timeline.lanes]
    if timeline.evidence:
        rows.insert(0, (Lane(label="evidence", marks=timeline.evidence, curve=[]), True))
    return TimelineLayout(
        _WIDTH,
        _TOP + _LANE * len(rows) + 6,
        [Tick(_x(time, duration), clock(time)) for time in _ticks(duration)],
        [
            _lane(lane, duration, _TOP + _LANE * row, is_evidence=is_evidence)
            for row, (lane, is_evidence) in enumerate(rows)
        ],
    )


def _lane(lane: Lane, duration: float, top: float, *, is_evidence: bool) -> DrawnLane:
    return DrawnLane(
        top + 15,
        lane.label[:_LETTERS],
        is_evidence,
        [_mark(mark, duration, top) for mark in lane.marks],
        _points(lane, duration, top),
        f"{lane.lowest:.3g} to {lane.highest:.3g}" if lane.curve else "",
    )


def _mark(mark: Mark, duration: float, top: float) -> DrawnMark:
    x = _x(mark.start, duration)
    width = round(max(3.0, _x(mark.end, duration) - x), 1)
    return DrawnMark(x, top + 3, width, _LANE - 8, mark.text)


def _points(lane: Lane, duration: float, top: float) -> str:
    """Measurements as a line between the lowest (bottom) and the highest (top)."""
    reach = (lane.highest - lane.lowest) or 1.0
    return " ".join(
        f"{_x(time, duration):.1f},"
        f"{top + _LANE - 4 - (value - lane.lowest) / reach * (_LANE - 8):.1f}"
        for time, value in lane.curve
    )


def _ticks(duration: float) -> Sequence[float]:
    step = next((step for step in _STEPS_S if duration / step <= _MOST_TICKS), 14400)
    return [step * number for number in range(int(duration / step) + 1)]


def _x(time: float, duration: float) -> float:
    share = min(max(time / duration, 0.0), 1.0)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)
