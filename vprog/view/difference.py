"""Two runs side by side: question, programs, and the first step in which they differ."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import msgspec

from vprog.trace.event import LlmCalled, ModuleCalled, RunStarted
from vprog.trace.store import Recording
from vprog.types import wire
from vprog.view.steps import Step, Story
from vprog.view.words import clipped, short

_MOST = 300


@dataclass(frozen=True)
class Difference:
    """One thing in which two runs differ.

    Attributes:
        what: "question", "video", "module", "setting", "request", "reply", "program", "step" or
            "result".
        where: in words, e.g. "line 3, call 2 of detect".
        one: what the first run has there; "" for nothing.
        other: what the second has.
    """

    what: str
    where: str
    one: str
    other: str


def differences(one: Recording, other: Recording) -> list[Difference]:
    """In which two runs differ, in the order in which a run comes by it; [] if in nothing.

    Of programs every line that differs, of requests to a language model and of steps the
    first: what comes after follows from it. Times and costs are no differences, nor is
    whether a call was executed or cached.
    """
    ours, theirs = Story(one), Story(other)
    return [
        *_questions(one.started, other.started),
        *_modules(one, other),
        *_requests(one, other),
        *_programs(ours, theirs),
        *_steps(ours, theirs),
        *_results(one, other),
    ]


def _questions(one: RunStarted, other: RunStarted) -> list[Difference]:
    listed: list[Difference] = []
    if one.question != other.question:
        listed.append(Difference("question", "the question", one.question, other.question))
    if one.choices != other.choices:
        lists = [" | ".join(started.choices) for started in (one, other)]
        listed.append(Difference("question", "the choices", *lists))
    for index, (left, right) in enumerate(zip_longest(one.videos, other.videos)):
        hashes = [opened.content_hash if opened is not None else "" for opened in (left, right)]
        if hashes[0] != hashes[1]:
            names = [
                f"{opened.path} ({opened.content_hash[:12]})" if opened is not None else "none"
                for opened in (left, right)
            ]
            listed.append(Difference("video", f"video {index}", *names))
    for key in sorted({*one.settings} & {*other.settings}):
        if one.settings[key] != other.settings[key]:
            values = [str(started.settings[key]) for started in (one, other)]
            listed.append(Difference("setting", f"setting {key}", *values))
    return listed


def _modules(one: Recording, other: Recording) -> list[Difference]:
    """The modules that either called and that are not the same; of others nothing came."""
    called = {
        event.task
        for run in (one, other)
        for event in run.events
        if isinstance(event, ModuleCalled)
    }
    used = [
        {module.task: f"{module.implementation} {module.version}" for module in run.started.modules}
        for run in (one, other)
    ]
    listed: list[Difference] = []
    for task in sorted(called):
        names = [modules.get(task, "none") for modules in used]
        if names[0] != names[1]:
            listed.append(Difference("module", f"module {task}", *names))
    return listed


def _requests(one: Recording, other: Recording) -> list[Difference]:
    """The first request to a language model, or reply of one, that is another."""
    sides = [
        [event for event in run.events if isinstance(event, LlmCalled)] for run in (one, other)
    ]
    for number, (left, right) in enumerate(zip_longest(*sides), start=1):
        if left is None or right is None:
            purposes = [call.purpose if call is not None else "none" for call in (left, right)]
            return [Difference("request", f"request {number} to the language model", *purposes)]
        if left.messages != right.messages:
            texts = [
                "\n".join(message.get("text", "") for message in call.messages)
                for call in (left, right)
            ]
            where = f"request {number} to the language model ({left.purpose})"
            return [Difference("request", where, *_around(*texts))]
        if (left.reply, left.error) != (right.reply, right.error):
            where = f"reply {number} of the language model ({left.purpose})"
            replies = [call.reply or f"error: {call.error}" for call in (left, right)]
            return [Difference("reply", where, *_around(*replies))]
    return []


def _programs(one: Story, other: Story) -> list[Difference]:
    return [
        Difference("program", where, left, right)
        for left, right, where in _aligned(_texts(one), _texts(other))
    ]


def _texts(story: Story) -> list[tuple[str, str]]:
    """The lines of a program, each with where it stands."""
    several = len(story.cells) > 1
    return [
        (f"cell {line.cell}, line {line.number}" if several else f"line {line.number}", line.source)
        for line in story.lines
    ]


def _aligned(
    one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """The lines that differ, paired; a line that only one has stands beside ""."""
    matcher = difflib.SequenceMatcher(
        None, [text for _, text in one], [text for _, text in other], autojunk=False
    )
    pairs = []
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            continue
        for left, right in zip_longest(one[a0:a1], other[b0:b1]):
            where = left[0] if left is not None else f"{right[0]} of the second"
            texts = [line[1] if line is not None else "" for line in (left, right)]
            pairs.append((texts[0], texts[1], where))
    return pairs


def _steps(one: Story, other: Story) -> list[Difference]:
    """The first step in which the runs differ: a call, a value, a print, an end."""
    several = max(len(one.cells), len(other.cells)) > 1
    for left, right in zip_longest(one.steps, other.steps):
        if left is None or right is None or _content(left) != _content(right):
            step = left if left is not None else right
            assert step is not None
            cell = f"cell {step.cell}, " if several else ""
            where = f"{cell}line {step.line}" if step.line is not None else f"{cell}no line"
            return [
                Difference(
                    "step", f"{where}, {step.kind} {step.name}".rstrip(), *_both(left, right)
                )
            ]
    return []


def _content(step: Step) -> tuple[object, ...]:
    """All of a step but where it stands and how long it took."""
    return (
        step.kind,
        step.name,
        step.exact or step.text,
        step.module,
        wire.encode(step.arguments),
        wire.encode(step.value),
    )


def _both(left: Step | None, right: Step | None) -> tuple[str, str]:
    """Two steps in words; where these are the same, from where their values are not."""
    texts = _step_text(left), _step_text(right)
    if texts[0] != texts[1] or left is None or right is None:
        return texts
    return _around(*(" ".join(map(str, _content(step))) for step in (left, right)))


def _step_text(step: Step | None) -> str:
    if step is None:
        return "nothing: the run ended before"
    if step.kind != "call":
        name = f"{step.name} = " if step.kind == "value" else f"{step.kind}: "
        return clipped(f"{name}{step.text}", _MOST)
    arguments = ", ".join(f"{name}={short(value, 60)}" for name, value in step.arguments.items())
    return clipped(f"{step.module}({arguments}) -> {step.text}", _MOST)


def _results(one: Recording, other: Recording) -> list[Difference]:
    listed: list[Difference] = []
    for name in ("status", "answer", "score", "evidence"):
        texts = [
            msgspec.json.encode(getattr(run.result, name)).decode()
            if run.result is not None
            else "none: it was cut off"
            for run in (one, other)
        ]
        if texts[0] != texts[1]:
            listed.append(Difference("result", name, *_around(*texts)))
    return listed


def _around(one: str, other: str) -> tuple[str, str]:
    """Two texts from a little before the first character that differs."""
    differs = next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    start = max(0, differs - 40)
    before = "…" if start else ""
    return clipped(before + one[start:], _MOST), clipped(before + other[start:], _MOST)
