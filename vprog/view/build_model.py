"""From a recording to the model of what is shown: vprog.view.model says what that is.

The timelines are made here too: for each video a lane for each line that used it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from vprog.trace.event import Scored
from vprog.trace.recorded_result import RecordedResult
from vprog.types import Frame, Level
from vprog.types.locate import Location, locations_of
from vprog.view.attempts.attempt_tree import AttemptTree
from vprog.view.figures import Figures
from vprog.view.model import (
    CoverageLane,
    Fact,
    Lane,
    Mark,
    NoAnswer,
    ProgramCell,
    RefusedCell,
    RunModel,
    ShownChoice,
    ShownEvidence,
    ShownLine,
    ShownPicture,
    ShownScore,
    ShownStep,
    ShownVideo,
    Timeline,
)
from vprog.view.run_words import (
    HEADLINES,
    OWN_PROGRAM,
    calls_text,
    cost_text,
    coverage_text,
    score_text,
    setup_text,
    shown_evidence,
    stream_text,
)
from vprog.view.steps import ProgramLine, Step, Story
from vprog.view.words import answer_text, clipped, clock, clock_span, short

_MOST_ARGUMENT = 80


def build_model(story: Story, attempts: AttemptTree) -> RunModel:
    """What is shown of a run."""
    recording = story.recording
    started, ended = recording.started, recording.ended
    result = recording.result or RecordedResult(status="cut off")
    status = ended.status if ended is not None else "cut off"
    evidence = shown_evidence(story.answered, n_videos=len(started.videos))
    figures = Figures(story)
    of_evidence = figures.of_evidence(evidence)
    answer = result.answer
    score = _score(story, result)
    damage = f"the trace is damaged: {recording.damage}" if recording.damage else ""
    return RunModel(
        run=recording.folder.name,
        question=started.question or OWN_PROGRAM,
        choices=[
            ShownChoice(letter=chr(ord("A") + index), text=text, is_chosen=index == result.choice)
            for index, text in enumerate(started.choices)
        ],
        videos=[
            ShownVideo(
                path=opened.path,
                name=opened.path.rsplit("/", 1)[-1],
                duration=opened.video.duration,
                clock=clock(opened.video.duration),
            )
            for opened in started.videos
        ],
        status=status,
        headline=HEADLINES.get(status, "No answer") if answer is None else answer_text(answer),
        is_answered=answer is not None,
        no_answer=_no_answer(result) if answer is None else None,
        score=score,
        facts=_facts(story, status, score, result),
        warnings=[*story.warnings, *([damage] if damage else [])],
        evidence=evidence,
        evidence_figures=of_evidence.figures,
        evidence_listed=of_evidence.listed,
        evidence_left=of_evidence.left,
        timelines=timelines_of(story, evidence),
        attempts=attempts.model,
        cells=_cells(story),
        lines=[_line(line, figures) for line in story.lines],
        steps=[_step(step) for step in story.steps],
        refused=[
            RefusedCell(
                check=refused.check,
                problems=[
                    f"line {line}: {text}" if line else text for line, text in refused.problems
                ],
            )
            for refused in story.refusals
        ],
        pictures=[
            ShownPicture(
                file=picture.file,
                video=picture.video,
                time=picture.time,
                clock=clock(picture.time),
                width=picture.width,
                height=picture.height,
                scale=picture.scale,
                boxes=boxes,
            )
            for picture, boxes in zip(figures.pictures, figures.boxes, strict=True)
        ],
        result=ended.result if ended is not None else msgspec.Raw(b"{}"),
    )


def _no_answer(result: RecordedResult) -> NoAnswer | None:
    if result.error is None or not result.error.message:
        return None
    return NoAnswer(message=result.error.message, hint=result.error.hint)


def _score(story: Story, result: RecordedResult) -> ShownScore:
    """The score of a result with what it is made of."""
    events = [event for event in story.recording.events if isinstance(event, Scored)]
    value, confidence = result.score, result.confidence
    parts = events[-1].parts if events else {}
    calibration = events[-1].calibration if events else ""
    return ShownScore(
        value=value,
        confidence=confidence,
        parts=parts,
        calibration=calibration,
        text=score_text(value, parts, confidence, calibration),
    )


def _facts(story: Story, status: str, score: ShownScore, result: RecordedResult) -> list[Fact]:
    started = story.recording.started
    facts = [
        Fact(name="status", text=status),
        Fact(name="", text=score.text),
        Fact(name="", text=coverage_text(result.coverage)),
        Fact(name="", text=cost_text(result.cost) if result.cost is not None else ""),
        Fact(name="", text=setup_text(started)),
        Fact(name="began", text=started.started),
    ]
    return [fact for fact in facts if fact.text]


def _cells(story: Story) -> list[ProgramCell]:
    several = len(story.cells) > 1
    return [
        ProgramCell(
            number=cell.cell,
            title=f"cell {cell.cell}" + (f", node {cell.node}" if cell.node else "")
            if several
            else "",
            note=cell.note,
        )
        for cell in story.cells
    ]


def _line(line: ProgramLine, figures: Figures) -> ShownLine:
    return ShownLine(
        cell=line.cell,
        number=line.number,
        source=line.source,
        steps=[step.index for step in line.steps],
        calls=f"{calls_text(line.how())}, {line.seconds:.2f} s" if line.calls else "",
        figures=figures.beside(line) if line.calls else [],
    )


def _step(step: Step) -> ShownStep:
    return ShownStep(
        index=step.index,
        kind=step.kind,
        cell=step.cell,
        line=step.line,
        at=step.at,
        name=step.name,
        text=step.text,
        module=step.module,
        arguments={name: short(value, _MOST_ARGUMENT) for name, value in step.arguments.items()},
        how=step.how,
        seconds=step.seconds,
        value=msgspec.Raw(step.recorded),
    )


_MOST_MARKS = 400
"""As many as can be told apart on a page."""
_MOST_TEXT = 200


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
                    coverage=coverage,
                    evidence=marks,
                    lanes=lanes,
                )
            )
    return timelines


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
        location for location in locations_of(step.value, step.video) if location.video == video
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
