"""What a run counted or measured, as curves over the time of a video.

A list of numbers that the program made says nothing of time. It is laid over the times of the
frames that its own line looked at, else over a list of times or of frames of the same length
that the program made before it; where there is none, there is no curve. Where a program counted
nothing, what its calls found is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from vprog.trace.event import StepValue
from vprog.types import Frame, Level
from vprog.view.player_model import Curve, Thing
from vprog.view.steps import ProgramLine, Story

_MOST_CURVES = 6
_LEAST_POINTS = 3
_MOST_POINTS = 1000
_EQUAL = 1e-9


class _Times(NamedTuple):
    """Times that a line has or makes, and what they are called."""

    video: int
    times: tuple[float, ...]
    text: str


def curves_of(story: Story, things: Sequence[Thing], answer: object) -> list[Curve]:
    """The curves of a run; those whose highest value is the answer come first."""
    durations = [opened.video.duration for opened in story.recording.started.videos]
    curves = [
        *_counted(story, durations, answer),
        *_measured(story, durations, answer),
    ] or _found(story, things, answer)
    curves.sort(key=lambda curve: not curve.is_answer)
    return curves[:_MOST_CURVES]


def _counted(story: Story, durations: Sequence[float], answer: object) -> Iterable[Curve]:
    """Lists of numbers of the program, in the order of its lines."""
    values = [event for event in story.events if isinstance(event, StepValue)]
    made: list[_Times] = []
    for event in values:
        line = next((line for line in story.lines
                     if (line.cell, line.number) == (event.cell, event.line)), None)  # fmt: skip
        if line is not None:
            made += _frames_made(line)
        if len(event.numbers) < _LEAST_POINTS:
            continue
        own = [] if line is None else _frames_looked_at(line)
        fitting = [
            times for times in (*own, *reversed(made)) if len(times.times) == len(event.numbers)
        ]
        if fitting and not (len(durations) == 1 and _is_times(event.numbers, durations[0])):
            over = fitting[0]
            yield _curve(
                over.video,
                event.name,
                f"{event.name} of line {event.line}, over {over.text}",
                event.line,
                list(zip(over.times, event.numbers, strict=True)),
                answer,
            )
        elif len(durations) == 1 and _is_times(event.numbers, durations[0]):
            made.append(_Times(0, tuple(event.numbers), f"{event.name} of line {event.line}"))


def _is_times(numbers: Sequence[float], duration: float) -> bool:
    return numbers[0] >= 0 and numbers[-1] <= duration and all(a < b for a, b in pairwise(numbers))


def _frames_made(line: ProgramLine) -> list[_Times]:
    """Lists of frames that calls of the line gave."""
    return [
        _Times(
            call.value[0].video,
            tuple(frame.time for frame in call.value),
            f"the frames of line {line.number}",
        )
        for call in line.calls
        if isinstance(call.value, list)
        and call.value
        and all(isinstance(frame, Frame) and frame.region is None for frame in call.value)
    ]


def _frames_looked_at(line: ProgramLine) -> list[_Times]:
    """The frames that the calls of a line were given, one a call."""
    frames = [
        next((value for value in call.arguments.values() if isinstance(value, Frame)), None)
        for call in line.calls
    ]
    named = [frame for frame in frames if frame is not None]
    if len(named) != len(frames) or len({frame.video for frame in named}) != 1:
        return []
    return [_Times(named[0].video, tuple(frame.time for frame in named), "the frames it looked at")]


def _measured(story: Story, durations: Sequence[float], answer: object) -> Iterable[Curve]:
    """Levels that calls measured."""
    for line in story.lines:
        for call in line.calls:
            if isinstance(call.value, list) and call.value and 0 <= call.video < len(durations):
                levels = [level for level in call.value if isinstance(level, Level)]
                if len(levels) >= _LEAST_POINTS:
                    points = [(level.time, level.value) for level in levels]
                    text = f"{call.name} of line {line.number}"
                    yield _curve(call.video, call.name, text, line.number, points, answer)


def _found(story: Story, things: Sequence[Thing], answer: object) -> list[Curve]:
    """How many things the calls of a line found at once, at each time that they looked at."""
    looked_at: dict[tuple[int, str, int | None], set[float]] = {}
    for program_line in story.lines:
        for call in program_line.calls:
            for frame in call.arguments.values():
                if isinstance(frame, Frame):
                    key = frame.video, call.name, call.line
                    looked_at.setdefault(key, set()).add(frame.time)
    by_call: dict[tuple[int, str, str, int | None], list[Thing]] = {}
    for thing in things:
        by_call.setdefault((thing.video, thing.task, thing.label, thing.line), []).append(thing)
    curves: list[Curve] = []
    for (video, task, label, line), alike in by_call.items():
        seen = {time for thing in alike for time in thing.times}
        times = sorted(seen | looked_at.get((video, task, line), set()))
        if len(times) < _LEAST_POINTS or task == "read_text":
            continue
        points = [
            (time, float(sum(thing.times[0] <= time <= thing.times[-1] for thing in alike)))
            for time in times[:_MOST_POINTS]
        ]
        text = f"how many of {label or task} {task} of line {line} found at once"
        curves.append(_curve(video, f"{label or task} at once", text, line, points, answer))
    return curves


def _curve(
    video: int,
    name: str,
    text: str,
    line: int | None,
    points: Sequence[tuple[float, float]],
    answer: object,
) -> Curve:
    stride = max(1, -(-len(points) // _MOST_POINTS))
    drawn = sorted(points)[::stride]
    highest = max(value for _, value in points)
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    return Curve(
        video=video,
        name=name,
        text=text,
        line=line,
        times=[time for time, _ in drawn],
        values=[value for _, value in drawn],
        is_answer=is_number and abs(highest - float(answer)) < _EQUAL,  # type: ignore[arg-type]
    )
