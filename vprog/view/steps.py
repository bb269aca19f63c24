"""A recording put in order for people: steps as they happened, lines with what they did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import msgspec

from vprog.trace.branches import chosen_events
from vprog.trace.event import (
    Abstained,
    Answered,
    AnyEvent,
    CellFailed,
    ModuleCalled,
    PictureKept,
    Printed,
    ProgramRefused,
    ProgramWritten,
    StepValue,
    Warned,
)
from vprog.trace.store import Recording
from vprog.types import Track, wire
from vprog.view.words import clipped, plain_words, short


@dataclass(frozen=True)
class Step:
    """One thing that a line of the program did."""

    index: int
    kind: str
    """"call", "value", "printed", "answer", "abstain" or "error"."""
    cell: int
    line: int | None
    at: float
    """Seconds since the run began."""
    name: str
    """Module of a call, name of a value."""
    text: str
    """The value or the error, in words."""
    module: str = ""
    arguments: dict[str, object] = field(default_factory=dict)
    value: object = None
    """Result of a call, value of an answer."""
    how: str = ""
    """Of a call: "executed", "cached", "joined", "replayed" or "refused"."""
    seconds: float = 0.0
    video: int = 0
    """Of which video the values are that name none, such as spans."""
    exact: str = ""
    """The text of a value as it was recorded, with no part made short."""
    numbers: tuple[float, ...] = ()
    """All of a value that is a list of numbers, as it was when its cell ended."""
    recorded: bytes = b"null"
    """`value` as the trace has it, in JSON."""
    masks: dict[str, str] = field(default_factory=dict)
    """The bitmaps of the masks in `value`, as COCO's run lengths, by key."""


@dataclass
class ProgramLine:
    """One line of the program and everything it did."""

    cell: int
    number: int
    """In its cell, from 1."""
    source: str
    steps: list[Step] = field(default_factory=list)

    @property
    def calls(self) -> list[Step]:
        return [step for step in self.steps if step.kind == "call"]

    @property
    def values(self) -> list[Step]:
        return [step for step in self.steps if step.kind == "value"]

    @property
    def seconds(self) -> float:
        """Seconds spent in module calls of the line."""
        return sum(call.seconds for call in self.calls)

    def how(self) -> dict[str, int]:
        """How many calls were executed, cached, joined."""
        counts: dict[str, int] = {}
        for call in self.calls:
            counts[call.how] = counts.get(call.how, 0) + 1
        return counts


class Story:
    """The steps and lines of a recording."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    @cached_property
    def events(self) -> list[AnyEvent]:
        """What led to the result: of several attempts, the chosen path alone."""
        return chosen_events(self.recording.events)

    @cached_property
    def steps(self) -> list[Step]:
        """Calls, values, prints and the end, in the order in which they happened."""
        steps: list[Step] = []
        for event in self.events:
            if type(event) not in STEP_OF:
                continue
            step = STEP_OF[type(event)](len(steps), event)
            if steps and _is_more_of(steps[-1], step):
                steps[-1] = replace(steps[-1], text=steps[-1].text + step.text)
            else:
                steps.append(step)
        return steps

    @cached_property
    def cells(self) -> list[ProgramWritten]:
        """The cells that ran or were to run, the last writing of each."""
        last: dict[int, ProgramWritten] = {}
        for event in self.events:
            if isinstance(event, ProgramWritten):
                last[event.cell] = event
        return [last[number] for number in sorted(last)]

    @cached_property
    def lines(self) -> list[ProgramLine]:
        """Every line of every cell, with its steps."""
        lines: list[ProgramLine] = []
        by_position: dict[tuple[int, int], ProgramLine] = {}
        for cell in self.cells:
            for number, source in enumerate(cell.source.splitlines(), start=1):
                line = ProgramLine(cell.cell, number, source)
                lines.append(line)
                by_position[cell.cell, number] = line
        for step in self.steps:
            if step.line is not None and (step.cell, step.line) in by_position:
                by_position[step.cell, step.line].steps.append(step)
        return lines

    @cached_property
    def pictures(self) -> list[PictureKept]:
        """The kept frames, by video and time."""
        kept = {
            (event.video, event.time): event
            for event in self.events
            if isinstance(event, PictureKept)
        }
        return [kept[key] for key in sorted(kept)]

    @cached_property
    def warnings(self) -> list[str]:
        return [event.text for event in self.recording.events if isinstance(event, Warned)]

    @cached_property
    def refusals(self) -> list[ProgramRefused]:
        return [event for event in self.recording.events if isinstance(event, ProgramRefused)]

    @cached_property
    def answered(self) -> Answered | None:
        for event in reversed(self.events):
            if isinstance(event, Answered):
                return event
        return None


def _is_more_of(before: Step, step: Step) -> bool:
    """Whether a step is the rest of one print: these are recorded in pieces."""
    return before.kind == step.kind == "printed" and before.cell == step.cell


def _call(index: int, event: ModuleCalled) -> Step:
    value, text = _decoded(event.result)
    arguments, _ = _decoded(event.arguments)
    return Step(
        index, "call", event.cell, event.line, event.at, event.task,
        event.error if event.error is not None else text,
        module=f"{event.task}/{event.implementation}",
        arguments=arguments,
        value=value,
        how=event.how,
        seconds=event.seconds,
        video=event.video,
        recorded=bytes(event.result),
        masks=event.masks,
    )  # fmt: skip


def _value(index: int, event: StepValue) -> Step:
    return Step(
        index, "value", event.cell, event.line, event.at, event.name, plain_words(event.text),
        exact=event.text,
        numbers=tuple(event.numbers),
    )  # fmt: skip


def _printed(index: int, event: Printed) -> Step:
    return Step(index, "printed", event.cell, None, event.at, "print", event.text)


def _answer(index: int, event: Answered) -> Step:
    value, text = _decoded(event.value)
    return Step(
        index, "answer", event.cell, event.line, event.at, "answer", text,
        value=value,
        recorded=bytes(event.value),
    )  # fmt: skip


def _abstain(index: int, event: Abstained) -> Step:
    return Step(index, "abstain", event.cell, event.line, event.at, "abstain", event.reason)


def _error(index: int, event: CellFailed) -> Step:
    text = f"{event.message} {event.hint}".strip()
    return Step(index, "error", event.cell, event.line, event.at, event.code, text)


STEP_OF: dict[type[AnyEvent], Callable[[int, Any], Step]] = {
    ModuleCalled: _call,
    StepValue: _value,
    Printed: _printed,
    Answered: _answer,
    Abstained: _abstain,
    CellFailed: _error,
}
"""How each kind of event that is shown as a step becomes one, at an index."""


def _decoded(raw: msgspec.Raw) -> tuple[Any, str]:
    """A value of the trace, and in words."""
    value = wire.decode(bytes(raw))
    return value, short(value)


_MOST_OF_VALUE = 12_000
_MOST_SHORT = 320
"""What a page or a terminal shows of a value anyway."""
_MOST_ITEMS = 400
_MOST_OF_ITEM = 240


def whole_text(step: Step) -> str:
    """The value of a step in full, as far as a page can carry it: an item a line."""
    if step.numbers:
        return ", ".join(f"{number:g}" for number in step.numbers)
    if step.kind == "value":  # as far as it was recorded
        return clipped(step.exact, _MOST_OF_VALUE) if len(step.exact) > _MOST_SHORT else ""
    items = step.value if isinstance(step.value, list) else [step.value]
    lines = [line for item in items[:_MOST_ITEMS] for line in _item_lines(item)]
    if len(items) > _MOST_ITEMS:
        lines.append(f"{len(items) - _MOST_ITEMS} more")
    return clipped("\n".join(lines), _MOST_OF_VALUE)


def _item_lines(item: object) -> list[str]:
    """A value in a line; of a track also where it was and when."""
    if not isinstance(item, Track):
        return [short(item, _MOST_OF_ITEM)]
    return [
        short(item._replace(detections=[]), _MOST_OF_ITEM),
        *(f"  {short(detection, _MOST_OF_ITEM)}" for detection in item.detections),
    ]
