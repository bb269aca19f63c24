"""The timelines of a run: for each video a lane for each line that used it, and what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vprog.types import Frame, Level, Track
from vprog.types.clock import clock, clock_span
from vprog.types.locate import Location, location_of, locations_of
from vprog.view.model import CoverageLane, Lane, Mark, ShownEvidence, Tick, Timeline
from vprog.view.run_words import stream_text
from vprog.view.steps import ProgramLine, Step, Story
from vprog.view.words import clipped

_MOST_MARKS = 400
"""As many as can be told apart on a page."""
_MOST_TEXT = 200
_MOST_TICKS = 10
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Between two ticks: times that people count in."""


def timelines_of(story: Story, evidence: Sequence[ShownEvidence]) -> list[Timeline]:
    """One for each video of the run that was looked at, or of which it is known that it was not."""
    timelines: list[Timeline] = []
    for index, opened in enumerate(story.recording.started.videos):
        marks = [
            _mark(item.start, item.end, item.text)
            for item in evidence
            if item.video == index and item.start is not None
        ]
        lanes = lanes_of(story.lines, index)
        coverage = _coverage_lanes(story, index)
        if opened.video.duration > 0 and (lanes or marks or coverage):
            timelines.append(
                Timeline(
                    video=index,
                    title=opened.path.rsplit("/", 1)[-1],
                    duration=opened.video.duration,
                    ticks=_ticks(opened.video.duration),
                    coverage=coverage,
                    evidence=marks,
                    lanes=lanes,
                )
            )
    return timelines


def _ticks(duration: float) -> list[Tick]:
    # A trace of somebody else may say that a video is longer than the world is old.
    longest = 14400.0 * max(1.0, duration / 14400 / _MOST_TICKS)
    step = next((step for step in _STEPS_S if duration / step <= _MOST_TICKS), longest)
    times = [step * number for number in range(min(int(duration / step), _MOST_TICKS) + 1)]
    return [Tick(time=time, text=clock(time)) for time in times]


def _coverage_lanes(story: Story, video: int) -> list[CoverageLane]:
    """How much of each stream of a video was read."""
    result = story.recording.result
    for covered in (result.coverage if result is not None else None) or ():
        if covered.video == video:
            streams = {
                "pictures": covered.pictures,
                "sound": covered.sound,
                "subtitles": covered.subtitles,
            }
            return [
                CoverageLane(
                    name=name,
                    seen=stream.seen,
                    unseen=[_mark(start, end, f"no {name} read") for start, end in stream.unseen],
                    text=stream_text(name, stream),
                )
                for name, stream in streams.items()
                if stream is not None
            ]
    return []


@dataclass
class _Draft:
    locations: list[Location] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)


def lanes_of(lines: Sequence[ProgramLine], video: int) -> list[Lane]:
    """A lane for each line and module whose calls found, or were given, times of a video."""
    lanes: list[Lane] = []
    for line in lines:
        by_task: dict[str, _Draft] = {}
        for step in line.calls:
            _take(by_task.setdefault(step.name, _Draft()), step, video)
        lanes.extend(
            _lane(f"{line.number}  {task}", draft)
            for task, draft in by_task.items()
            if draft.locations or draft.levels
        )
    return lanes


def _take(draft: _Draft, step: Step, video: int) -> None:
    values = step.value if isinstance(step.value, list) else [step.value]
    levels = [value for value in values if isinstance(value, Level)]
    if levels and step.video == video:
        draft.levels.extend(levels)
        return
    locations = [
        location
        for value in values
        for location in (
            filter(None, [location_of(value, step.video)])  # one mark for all of a track
            if isinstance(value, Track)
            else locations_of(value, step.video)
        )
        if location.video == video
    ]
    if not locations:
        locations = [
            Location(argument.video, argument.time, argument.time)
            for argument in step.arguments.values()
            if isinstance(argument, Frame) and argument.video == video
        ]
    draft.locations.extend(location for location in locations if location.start is not None)


def _lane(label: str, draft: _Draft) -> Lane:
    values = [level.value for level in draft.levels]
    levels = draft.levels[:: _stride(len(draft.levels))]
    return Lane(
        label=label,
        marks=[
            _mark(location.start or 0.0, location.end, location.text)
            for location in draft.locations[:: _stride(len(draft.locations))]
        ],
        curve=[(level.time, level.value) for level in levels],
        lowest=min(values, default=0.0),
        highest=max(values, default=0.0),
    )


def _stride(count: int) -> int:
    return max(1, -(-count // _MOST_MARKS))


def _mark(start: float, end: float | None, text: str | None) -> Mark:
    when = clock_span(start, end)
    return Mark(
        start=start,
        end=start if end is None else end,
        text=clipped(f"{when} {text or ''}".strip(), _MOST_TEXT),
    )
