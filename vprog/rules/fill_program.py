"""A reading as a program: the values of its slots stand at the head of the kind's own text."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from vprog.program.allowed_syntax import BUILTINS, PROGRAM_ENDS, VALUE_CLASSES
from vprog.program.parse import own_tree
from vprog.program.prelude import FUNCTIONS
from vprog.rules.draft import Draft, Kind
from vprog.rules.match_kind import Fit
from vprog.rules.rule_data import shared_program
from vprog.rules.times import When
from vprog.rules.tokens import thing_named, tokens_of
from vprog.types import Span, Video
from vprog.types.clock import clock

INSTANT = 0.2
"""Seconds that a call looks at where a question names a moment: a span without width holds
nothing to measure, and two frames of the slowest rate that rules ask for lie as far apart."""
_LANGUAGE = BUILTINS | VALUE_CLASSES | PROGRAM_ENDS | frozenset(FUNCTIONS)
_PLACE = re.compile(r"^(?:in|at|during|within|over|for|from) (?=\D)")


@dataclass(frozen=True)
class NamedEvent:
    """An event that a question names.

    Attributes:
        reading: what it was understood as.
        program: text that leaves what was found in `found_N`, and when in `moment_N`.
    """

    reading: str
    program: str


def values_of(
    fit: Fit,
    times: Sequence[When],
    quotes: Sequence[str],
    options: Sequence[str],
    video: Video,
    part: Span | None = None,
) -> dict[str, Any]:
    """The value of each name that a program may use beside what it is always given."""
    when = times[0] if times else None
    whole = Span(0.0, video.duration) if part is None else part
    last = whole.end  # of what may be looked at
    values: dict[str, Any] = {
        "span": None,
        "start": round(whole.start, 3),
        "end": round(last, 3),
        "seconds": round(last - whole.start, 3),
        "by_subtitles": video.has_subtitles,
        "moments": _spread(whole, last),
        **fit.kind.constants,
    }
    if when is not None:
        span = span_of(when, last, fit.kind.around)
        values |= {"span": span, "start": span.start, "end": span.end, "edge": when.edge}
        values["seconds"] = round(span.end - span.start, 3)
        values["moments"] = _spread(span, last)
        if when.kind == "at":
            values["time"] = moment(when, last)
            values["moments"] = [values["time"]]
    if len(times) == 2:
        values["spans"] = [span_of(time, last) for time in times]
        values["moments"] = [moment(time, last) for time in times]
        values["named"] = [_PLACE.sub("", time.words) for time in times]
    for name, text in fit.slots.items():
        slot = name.rstrip("2")
        if slot == "quote":
            values["word" + name[len(slot) :]] = quotes[int(text)]
        elif slot in ("nth", "number", "length"):
            values[name] = int(float(text)) if float(text).is_integer() else float(text)
            values[f"{name}_as_written"] = text
        elif slot not in ("options", "track"):
            values[name] = text
    if "number" in values:  # "shot 2" is the second
        values.setdefault("nth", values["number"])
    if options:
        values["options"] = list(options)
        values["labels"] = [thing_named(option) or "" for option in options]
    return values


_N_MOMENTS = 5


def _spread(span: Span, duration: float) -> list[float]:
    """Moments evenly spread over a part of the video, none at its edges."""
    step = (span.end - span.start) / _N_MOMENTS
    last = max(0.0, duration - 0.05)
    return [round(min(span.start + step * (i + 0.5), last), 3) for i in range(_N_MOMENTS)]


def span_of(when: When, duration: float, around: float = 0.0) -> Span:
    """The part of a video that a time names; it has a width, unless the video has none."""
    around = max(around if when.kind == "at" else 0.0, (INSTANT - (when.end - when.start)) / 2)
    start = max(0.0, min(when.start - around, duration - INSTANT))
    end = min(duration, max(when.end + around, INSTANT))
    return Span(round(start, 3), round(end, 3))


def draft_of(
    fit: Fit,
    values: Mapping[str, Any],
    times: Sequence[When],
    choices: Sequence[str],
    events: Sequence[NamedEvent] = (),
) -> Draft:
    """The program of an interpretation; its two states are told apart as in the question.

    Args:
        events: those that the kind puts in order; or, of another kind, the one that is its time.
    """
    kind = fit.kind
    found_first = "".join(event.program for event in events)
    if events and not kind.n_events:
        found_first += shared_program("time_of_event")
        values = {
            name: value
            for name, value in values.items()
            if name not in ("span", "time", "moments", "start", "end", "seconds")
        }
    body = f"{head_of(kind.program + kind.evidence, values)}{found_first}{kind.program}"
    answer: str = kind.answer
    evidence = kind.evidence
    if answer == "state":
        answer, ending = _state_ending(fit, choices)
        if evidence:  # may depend on the state itself
            body, evidence = f"{body}shown = {evidence}\n", "shown"
        body += ending
    named = {f"event_{number}": event.reading for number, event in enumerate(events, 1)}
    when = "".join(during(when) for when in times[:1])
    if events and not kind.n_events:
        when = f" at the time of: {events[0].reading}"
    reading = kind.reading.format_map({**shown(values), **named, "when": when})
    return Draft(
        reading=reading,
        body=body,
        kind=cast(Kind, answer),
        evidence=evidence,
        tasks=modules_of(body),
        tolerance=kind.tolerance,
    )


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as readings hold them."""
    return {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
    }


def modules_of(body: str) -> tuple[str, ...]:
    """The modules that a program calls."""
    tree = own_tree(body)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    called = (
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return tuple(dict.fromkeys(name for name in called if name not in own | _LANGUAGE))


def head_of(text: str, values: Mapping[str, Any]) -> str:
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


def _state_ending(fit: Fit, choices: Sequence[str]) -> tuple[Kind, str]:
    """What kind of answer the states become, and the lines that turn `value` into it."""
    first, second = fit.kind.states
    if choices:
        sides = [_side_of(choice, fit) for choice in choices]
        one, other = sides.count(0), sides.count(1)
        if one + other == len(sides) and one and other:
            return "text", _choice_lines(choices, sides)
    if fit.wording.side == 2:
        return "text", f"value = {first[0]!r} if value else {second[0]!r}\n"
    return "yes or no", "value = not value\n" if fit.wording.side == 1 else ""


def _choice_lines(choices: Sequence[str], sides: Sequence[int | None]) -> str:
    """Lines that pick the choice of a state; where several are of it, none of them is known."""
    lines = ""
    for side, test in ((0, "value"), (1, "not value")):
        of_side = [choice for choice, its in zip(choices, sides, strict=True) if its == side]
        if len(of_side) > 1:
            reason = f"which of these it is was not found out: {', '.join(of_side)}"
            lines += f"if {test}:\n    abstain({reason!r})\n"
    first, second = choices[sides.index(0)], choices[sides.index(1)]
    return f"{lines}value = {first!r} if value else {second!r}\n"


def _side_of(choice: str, fit: Fit) -> int | None:
    """The state that a choice names: 0, 1, or None if neither or both."""
    tokens = tokens_of(choice.lower(), is_question=False)
    meanings = {meaning for token in tokens for meaning in token.meanings}
    said = [
        max(
            (
                len(needed)
                for name in names
                if (
                    needed := {
                        token.meanings
                        for token in tokens_of(name, is_question=False)
                        if token.role == "content"
                    }
                )
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


def during(when: When | None) -> str:
    """E.g. " at 0:05" or " between 0:05 and 0:09"; "" for the whole video."""
    if when is None:
        return ""
    if when.kind == "at":
        return f" at {clock(when.start)}"
    return f" between {clock(when.start)} and {clock(when.end)}"


def moment(when: When, duration: float) -> float:
    """A time at which a frame can be had: never after the last one."""
    return round(max(0.0, min(when.start, duration - 0.05)), 3)
