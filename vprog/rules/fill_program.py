"""A reading as a program: the values of its slots stand at the head of the kind's own text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from vprog.rules.draft import Draft, Kind, Unanswerable
from vprog.rules.match_kind import Fit
from vprog.rules.named_track import NamedTrack
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.rule_data import shared_program
from vprog.rules.times import When
from vprog.rules.tokens import thing_named, tokens_of
from vprog.types import Span
from vprog.types.clock import clock

INSTANT = 0.2
"""Seconds that a call looks at where a question names a moment: a span without width holds
nothing to measure, and two frames of the slowest rate that rules ask for lie as far apart."""
_N_MOMENTS = 5
_OF_THE_TIME = frozenset({"span", "time", "moments", "start", "end", "seconds"})


@dataclass(frozen=True)
class NamedEvent:
    """An event that a question names.

    Attributes:
        reading: what it was understood as.
        program: text that leaves what was found in `found_N`, and when in `moment_N`.
    """

    reading: str
    program: str


def values_of(fit: Fit, question: ParsedQuestion, options: Sequence[str]) -> dict[str, Any]:
    """The value of each name that a program may use beside what it is always given."""
    times, last = question.times, question.whole.end
    span = span_of(times[0], last, fit.kind.around) if times else question.whole
    step = (span.end - span.start) / _N_MOMENTS
    values: dict[str, Any] = {
        "span": span if times else None,
        "start": round(span.start, 3),
        "end": round(span.end, 3),
        "seconds": round(span.end - span.start, 3),
        "by_subtitles": question.video.has_subtitles,
        "moments": [_moment(span.start + step * (i + 0.5), last) for i in range(_N_MOMENTS)],
        **fit.kind.constants,
    }
    if times:
        values["edge"] = times[0].edge
    if times and times[0].kind == "at":
        values["time"] = _moment(times[0].start, last)
        values["moments"] = [values["time"]]
    if len(times) == 2:
        values["spans"] = [span_of(time, last) for time in times]
        values["moments"] = [_moment(time.start, last) for time in times]
        before = r"^(?:in|at|during|within|over|for|from) (?=\D)"
        values["named"] = [re.sub(before, "", time.words) for time in times]
    for name, text in fit.slots.items():
        slot = name.rstrip("2")
        if slot == "quote":
            values[name.replace("quote", "word")] = question.quotes[int(text)]
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
    return values | (question.track.values if question.track else {})


def span_of(when: When, duration: float, around: float = 0.0) -> Span:
    """The part of a video that a time names; it has a width, unless the video has none."""
    around = max(around if when.kind == "at" else 0.0, (INSTANT - (when.end - when.start)) / 2)
    start = max(0.0, min(when.start - around, duration - INSTANT))
    end = min(duration, max(when.end + around, INSTANT))
    return Span(round(start, 3), round(end, 3))


def _moment(time: float, end: float) -> float:
    """A time at which a frame can be had: never after the last one."""
    return round(max(0.0, min(time, end - 0.05)), 3)


def draft_of(
    fit: Fit,
    question: ParsedQuestion,
    options: Sequence[str],
    choices: Sequence[str],
    events: Sequence[NamedEvent] = (),
) -> Draft:
    """The program of an interpretation; its two states are told apart as in the question.

    Args:
        fit: the kind, and the values of its slots.
        question: as that fits it.
        options: the answers that it names or that are given.
        choices: those that are given.
        events: those that the kind puts in order; or, of another kind, the one that is its time.
    """
    values = values_of(fit, question, options)
    kind = fit.kind
    found_first = "".join(event.program for event in events)
    when = _during(question.times[0]) if question.times else ""
    if events and not kind.n_events:
        found_first += shared_program("time_of_event")
        values = {name: value for name, value in values.items() if name not in _OF_THE_TIME}
        when = f" at the time of: {events[0].reading}"
    body = f"{head_of(kind.program + kind.evidence, values)}{found_first}{kind.program}"
    answer: str = kind.answer
    evidence = kind.evidence
    if answer == "state":
        answer, ending = _state_ending(fit, choices)
        if evidence:  # may depend on the state itself
            body, evidence = f"{body}shown = {evidence}\n", "shown"
        body += ending
    named = {f"event_{number}": event.reading for number, event in enumerate(events, 1)}
    return Draft(
        reading=kind.reading.format_map({**shown(values), **named, "when": when}),
        body=body,
        kind=cast(Kind, answer),
        evidence=evidence,
        tolerance=kind.tolerance,
    )


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as the sentence holds them that says how a question was understood."""
    return {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
    }


def head_of(text: str, values: Mapping[str, Any]) -> str:
    """A line for each value that the text names."""
    lines = ""
    for name, value in values.items():
        if re.search(rf"\b{name}\b", text) and (value is not None or name == "span"):
            hint = ": Span | None" if value is None else ""
            lines += f"{name}{hint} = {_written(value)}\n"
    return lines


def _written(value: Any) -> str:
    """A value as it stands in a program."""
    if isinstance(value, Span):
        return f"Span({value.start!r}, {value.end!r})"
    return f"[{', '.join(map(_written, value))}]" if isinstance(value, list) else repr(value)


def _state_ending(fit: Fit, choices: Sequence[str]) -> tuple[Kind, str]:
    """What kind of answer the states become, and the lines that turn `value` into it."""
    first, second = fit.kind.states
    sides = [_side_of(choice, fit) for choice in choices]
    if set(sides) == {0, 1}:
        return "text", f"sides = {sides}\n{shared_program('choice_of_state')}"
    if fit.wording.side == 2:
        return "text", f"value = {first[0]!r} if value else {second[0]!r}\n"
    return "yes or no", "value = not value\n" if fit.wording.side == 1 else ""


def _side_of(choice: str, fit: Fit) -> int | None:
    """The state that a choice names: 0, 1, or None if neither or both."""
    tokens = tokens_of(choice.lower(), is_question=False)
    meanings = {meaning for token in tokens for meaning in token.meanings}

    def held(name: str) -> int:
        """How many words a name of a state has, if the choice holds all of them."""
        words = tokens_of(name, is_question=False)
        needed = {token.meanings for token in words if token.role == "content"}
        return len(needed) if all(word & meanings for word in needed) else 0

    first, second = (max(map(held, names)) for names in fit.kind.states)
    if first == second:
        return None
    side = int(second > first)
    negated = any(re.search(r"^no |\bnot\b", name) for name in fit.kind.states[side])
    return 1 - side if "not" in meanings and not negated else side


def _during(when: When) -> str:
    """E.g. " at 0:05" or " between 0:05 and 0:09"."""
    if when.kind == "at":
        return f" at {clock(when.start)}"
    return f" between {clock(when.start)} and {clock(when.end)}"


_TAKES = {
    "audio": ("measure_loudness|find_silence|find_speech|transcribe", "audio_track"),
    "subtitles": ("transcribe", "subtitle_track"),
}
"""The tasks that take a track of the kind, and the name of that argument."""


def on_track(draft: Draft, track: NamedTrack | None) -> Draft | Unanswerable:
    """The draft with each call on the named track; why not, if it calls nothing that takes one."""
    if track is None or draft.tasks == ("probe",):  # facts of tracks name their own
        return draft
    tasks, argument = _TAKES[track.kind]
    find, words = shared_program("named_track"), track.values["track_words"]
    call = rf"\1(video, {argument}=named_track.number"
    body, n_calls = re.subn(rf"\b({tasks})\(video\b", call, draft.body)
    if not n_calls:
        return Unanswerable(
            f"The question names the {words}, and what it asks is not found in one."
        )
    return replace(
        draft,
        body=f"{head_of(find, track.values)}{find}{body}",
        reading=f"{draft.reading.rstrip('.')}, in the {words}.",
    )
