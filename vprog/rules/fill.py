"""A reading as a program: the values of its slots stand at the head of the kind's own text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vprog.rules.draft import Draft
from vprog.rules.match import Fit
from vprog.rules.span_words import INSTANT, during, moment
from vprog.rules.times import When
from vprog.rules.tokens import tokens_of
from vprog.types import Span, Video

_CALL = re.compile(r"\b([a-z_]+)\(")


def values_of(
    fit: Fit, times: Sequence[When], quotes: Sequence[str], options: Sequence[str], video: Video
) -> dict[str, Any]:
    """The value of each name that a program may use beside what it is always given."""
    when = times[0] if times else None
    values: dict[str, Any] = {"span": None, "time": None, "edge": "", **fit.kind.constants}
    if when is not None:
        values["span"] = span_of(when, video.duration)
        values["time"] = moment(when, video.duration)
        values["edge"] = when.edge
    if len(times) == 2:
        values["spans"] = [span_of(time, video.duration) for time in times]
        values["moments"] = [moment(time, video.duration) for time in times]
    for name, text in fit.slots.items():
        slot = name.rstrip("2")
        if slot == "quote":
            values["word" + name[len(slot) :]] = quotes[int(text)]
        elif slot in ("nth", "number", "length"):
            values[name] = int(float(text)) if float(text).is_integer() else float(text)
        elif slot != "options":
            values[name] = text
    if options:
        values["options"] = list(options)
    return values


def span_of(when: When, duration: float) -> Span:
    """The part of a video that a time names; it has a width, unless the video has none."""
    around = max(0.0, (INSTANT - (when.end - when.start)) / 2)
    start = max(0.0, min(when.start - around, duration - INSTANT))
    end = min(duration, max(when.end + around, INSTANT))
    return Span(round(start, 3), round(end, 3))


def draft_of(fit: Fit, values: Mapping[str, Any], times: Sequence[When], choices: Sequence[str]) -> Draft:
    """The program of a reading; its two states are told apart as the question, or the choices, do."""
    kind = fit.kind
    body = f"{_head(kind.program + kind.evidence, values)}{kind.program}"
    answer = kind.answer
    if answer == "state":
        answer, ending = _state_ending(fit, choices)
        body += ending
    shown = {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
    }
    reading = kind.reading.format_map(
        {**shown, "when": "".join(during(when) for when in times[:1])}
    )
    return Draft(
        reading=reading,
        body=body,
        kind=answer,  # type: ignore[arg-type]
        evidence=kind.evidence,
        tasks=tuple(dict.fromkeys(_CALL.findall(kind.program))),
        tolerance=kind.tolerance,
    )


def _head(text: str, values: Mapping[str, Any]) -> str:
    """A line for each value that the text names."""
    lines = ""
    for name, value in values.items():
        if not re.search(rf"\b{name}\b", text):
            continue
        if isinstance(value, Span):
            lines += f"{name} = Span({value.start!r}, {value.end!r})\n"
        elif name == "spans":
            shown = ", ".join(f"Span({span.start!r}, {span.end!r})" for span in value)
            lines += f"spans = [{shown}]\n"
        elif value is None and name == "span":
            lines += "span: Span | None = None\n"
        elif value is not None:
            lines += f"{name} = {value!r}\n"
    return lines


def _state_ending(fit: Fit, choices: Sequence[str]) -> tuple[str, str]:
    """What kind of answer the states become, and the lines that turn `value` into it."""
    first, second = fit.kind.states
    if choices:
        sides = [_side_of(choice, fit) for choice in choices]
        if sorted(side for side in sides if side is not None) == [0, 1]:
            return "text", (
                f"value = {choices[sides.index(0)]!r} if value else {choices[sides.index(1)]!r}\n"
            )
    if fit.wording.side == 2:
        return "text", f"value = {first[0]!r} if value else {second[0]!r}\n"
    return "yes or no", "value = not value\n" if fit.wording.side == 1 else ""


def _side_of(choice: str, fit: Fit) -> int | None:
    """The state that a choice names: 0, 1, or None if neither or both."""
    tokens = tokens_of(choice.lower(), is_question=False)
    meanings = {meaning for token in tokens for meaning in token.meanings}
    said = [
        max(
            (
                len(needed)
                for name in names
                if (needed := {token.meanings for token in tokens_of(name, is_question=False) if token.role == "content"})
                and all(one & meanings for one in needed)
            ),
            default=0,
        )
        for names in fit.kind.states
    ]
    if said[0] == said[1]:
        return None
    side = int(said[1] > said[0])
    return 1 - side if "not" in meanings and not _negated(fit, side) else side


def _negated(fit: Fit, side: int) -> bool:
    return any(" not " in f" {name} " or name.startswith("no ") for name in fit.kind.states[side])
