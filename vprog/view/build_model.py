"""From a recording to the model of what is shown: vprog.view.model says what that is."""

from __future__ import annotations

from typing import Any

import msgspec

from vprog.trace.event import Scored
from vprog.trace.recorded_result import RecordedResult
from vprog.types.clock import clock, clock_span
from vprog.view.attempts.attempt_tree import AttemptTree
from vprog.view.figures import Figures
from vprog.view.model import (
    Fact,
    NoAnswer,
    ProgramCell,
    RefusedCell,
    RunModel,
    ShownChoice,
    ShownLine,
    ShownModule,
    ShownPicture,
    ShownScore,
    ShownStep,
    ShownVideo,
)
from vprog.view.player import build_player, timelines_of
from vprog.view.run_words import (
    HEADLINES,
    OWN_PROGRAM,
    calls_text,
    command_texts,
    cost_text,
    coverage_text,
    score_meaning,
    score_text,
    setup_text,
    shown_evidence,
)
from vprog.view.steps import ProgramLine, Step, Story, whole_text
from vprog.view.words import answer_line, are_times, short

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
    times = [time for item in evidence for time in (item.start, item.end)]
    score = _score(story, result)
    damage = f"the trace is damaged: {recording.damage}" if recording.damage else ""
    room = _Room()
    return RunModel(
        run=recording.folder.name,
        vprog=started.vprog,
        commands=command_texts(started, recording.folder.name),
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
                width=opened.video.width,
                height=opened.video.height,
                fps=opened.video.fps,
                has_audio=opened.video.has_audio,
                digest=opened.content_hash,
            )
            for opened in started.videos
        ],
        status=status,
        headline=(
            HEADLINES.get(status, "No answer") if answer is None else answer_line(answer, times)
        ),
        headline_clock=_as_clock(answer) if are_times(answer, times) else "",
        is_answered=answer is not None,
        no_answer=_no_answer(result) if answer is None else None,
        score=score,
        facts=_facts(story, status, score, result),
        warnings=[*story.warnings, *([damage] if damage else [])],
        modules=_modules(story),
        player=build_player(story, evidence, answer),
        evidence=evidence,
        evidence_figures=of_evidence.figures,
        evidence_listed=of_evidence.listed,
        evidence_left=of_evidence.left,
        timelines=timelines_of(story, evidence),
        attempts=attempts.model,
        cells=_cells(story),
        lines=[_line(line, figures) for line in story.lines],
        steps=[_step(step, room) for step in story.steps],
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


def _as_clock(answer: Any) -> str:
    """An answer in seconds as a clock shows it."""
    if isinstance(answer, list) and len(answer) == 2 and answer[0] <= answer[1]:
        return clock_span(*answer)
    return ", ".join(map(clock, answer if isinstance(answer, list) else [answer]))


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
        meaning=score_meaning(value, confidence, calibration),
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


def _modules(story: Story) -> list[ShownModule]:
    """Those that were called, in the order of their first calls."""
    used = {(module.task, module.implementation): module
            for module in story.recording.started.modules}  # fmt: skip
    by_module: dict[str, list[Step]] = {}
    for step in story.steps:
        if step.kind == "call":
            by_module.setdefault(step.module, []).append(step)
    listed: list[ShownModule] = []
    for calls in by_module.values():
        task, _, implementation = calls[0].module.partition("/")
        module = used.get((task, implementation))
        hows: dict[str, int] = {}
        for call in calls:
            hows[call.how] = hows.get(call.how, 0) + 1
        listed.append(
            ShownModule(
                task=task,
                implementation=implementation,
                version=module.version if module is not None else "",
                backend=module.backend if module is not None else "",
                weights=module.weights if module is not None else "",
                distribution=module.distribution if module is not None else "",
                calls=f"{calls_text(hows)}, {sum(call.seconds for call in calls):.2f} s",
            )
        )
    return listed


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


def _step(step: Step, room: _Room) -> ShownStep:
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
        full=room.for_text(step),
    )


_MOST_OF_RUN = 200_000


class _Room:
    """How much of the values in full a page carries; what is over the limit stays in the trace."""

    def __init__(self) -> None:
        self._left = _MOST_OF_RUN

    def for_text(self, step: Step) -> str:
        """The value of a step; "" where its short text has all of it, or no room is left."""
        text = whole_text(step) if self._left else ""
        if len(text) <= len(step.text):
            return ""
        if len(text) > self._left:  # none from here on: making each costs more than it shows
            self._left = 0
            return ""
        self._left -= len(text)
        return text
