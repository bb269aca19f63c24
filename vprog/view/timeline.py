"""The timeline of a run as SVG: a lane for each line of the program that looked at a video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from vprog.trace.event import EvidenceItem
from vprog.types import Frame, Level
from vprog.types.locate import Location, locations_of
from vprog.view.steps import Line, Story
from vprog.view.words import clean, clipped

_WIDTH = 1000.0
_LEFT = 150.0
_LANE = 24.0
_TOP = 24.0
_MOST_MARKS = 400


@dataclass(frozen=True)
class Lane:
    """One row: what a line found, and when."""

    label: str
    places: list[Location]
    curve: list[Level]


def timelines(story: Story) -> list[tuple[str, str]]:
    """(title, SVG) for each video of the run in which something was found."""
    made: list[tuple[str, str]] = []
    answered = story.answered
    for index, opened in enumerate(story.recording.started.videos):
        duration = opened.video.duration
        evidence = [each for each in answered.evidence if each.video == index] if answered else []
        lanes = lanes_of(story.lines, index)
        if duration > 0 and (lanes or evidence):
            title = opened.path.rsplit("/", 1)[-1]
            made.append((title, _svg(lanes, evidence, duration)))
    return made


def lanes_of(lines: Sequence[Line], video: int) -> list[Lane]:
    """A lane for each line and module whose calls found, or looked at, times of a video."""
    lanes: list[Lane] = []
    for line in lines:
        by_task: dict[str, Lane] = {}
        for step in line.calls:
            lane = by_task.setdefault(step.name, Lane(f"{line.number}  {step.name}", [], []))
            values = step.value if isinstance(step.value, list) else [step.value]
            levels = [value for value in values if isinstance(value, Level)]
            if levels and step.video == video:
                lane.curve.extend(levels)
                continue
            found = [
                place for place in locations_of(step.value, step.video) if place.video == video
            ]
            if not found:
                found = [
                    Location(argument.video, argument.time, argument.time)
                    for argument in step.arguments.values()
                    if isinstance(argument, Frame) and argument.video == video
                ]
            lane.places.extend(each for each in found if each.start is not None)
        lanes.extend(each for each in by_task.values() if each.places or each.curve)
    return lanes


def _svg(lanes: list[Lane], evidence: list[EvidenceItem], duration: float) -> str:
    height = _TOP + _LANE * (len(lanes) + (1 if evidence else 0)) + 6
    parts = [
        f'<svg class="timeline" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" '
        f'aria-label="timeline of {duration:.1f} seconds">'
    ]
    for tick in _ticks(duration):
        x = _x(tick, duration)
        parts.append(
            f'<line class="tick" x1="{x:.1f}" y1="16" x2="{x:.1f}" y2="{height:g}"/>'
            f'<text class="axis" x="{x:.1f}" y="12">{clock(tick)}</text>'
        )
    y = _TOP
    if evidence:
        for each in evidence:
            if each.start is not None and each.end is not None:
                parts.append(_mark(each.start, each.end, duration, y, "evidence", each.text or ""))
        parts.append(f'<text class="lane strong" x="4" y="{y + 15:.1f}">evidence</text>')
        y += _LANE
    for lane in lanes:
        parts.append(
            f'<text class="lane" x="4" y="{y + 15:.1f}">{escape(clean(lane.label[:22]))}</text>'
        )
        if lane.curve:
            parts.append(_curve(lane.curve, duration, y))
        for place in _thin(lane.places):
            assert place.start is not None
            end = place.end if place.end is not None else place.start
            parts.append(_mark(place.start, end, duration, y, "mark", place.text or ""))
        y += _LANE
    parts.append("</svg>")
    return "".join(parts)


def _thin(places: list[Location]) -> list[Location]:
    """At most so many marks as can be told apart."""
    step = max(1, -(-len(places) // _MOST_MARKS))
    return places[::step]


def _mark(start: float, end: float, duration: float, y: float, kind: str, text: str) -> str:
    x = _x(start, duration)
    width = max(3.0, _x(end, duration) - x)
    when = clock(start) if end == start else f"{clock(start)}–{clock(end)}"
    title = escape(clean(clipped(f"{when} {text}".strip(), 200)))
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y + 3:.1f}" width="{width:.1f}" '
        f'height="{_LANE - 8:g}" rx="2"><title>{title}</title></rect>'
    )


def _curve(levels: list[Level], duration: float, y: float) -> str:
    """Measurements as a line between the lowest (bottom) and the highest (top)."""
    kept = levels[:: max(1, -(-len(levels) // _MOST_MARKS))]
    low = min(level.value for level in levels)
    high = max(level.value for level in levels)
    span = (high - low) or 1.0
    points = " ".join(
        f"{_x(each.time, duration):.1f},"
        f"{y + _LANE - 4 - (each.value - low) / span * (_LANE - 8):.1f}"
        for each in kept
    )
    return (
        f'<polyline class="curve" points="{points}"><title>{low:.3g} to {high:.3g}</title>'
        "</polyline>"
    )


def _ticks(duration: float) -> list[float]:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
    step = next((step for step in steps if duration / step <= 10), 14400)
    return [step * k for k in range(int(duration / step) + 1)]


def _x(time: float, duration: float) -> float:
    return _LEFT + min(max(time / duration, 0.0), 1.0) * (_WIDTH - _LEFT - 24)


def clock(seconds: float) -> str:
    """Seconds as people write them: 0:07, 0:07.5, 1:02:03."""
    whole = round(seconds, 2)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    text = f"{left:05.2f}".rstrip("0").rstrip(".") if left % 1 else f"{left:02.0f}"
    return f"{int(hours)}:{int(minutes):02d}:{text}" if hours else f"{int(minutes)}:{text}"
