"""Events that a question names beside what it asks: "before the sound stops".

An event is a thing to find (see question_kinds.py) in words of its own. Its program runs first,
under names of its own, so that two events, or an event and the rest of the question, do not disturb
each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vprog.rules.compound import renamed
from vprog.rules.fill_program import NamedEvent, head_of, values_of
from vprog.rules.match_kind import Fit, fits
from vprog.rules.phrases import pattern
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import QUOTE_MARK, asks_of, tokens_of
from vprog.types import Span
from vprog.types.clock import clock

_LEAST = 0.6
"""An event is named in a few words; more of them may be missing than from a question."""


def event_of(text: str, number: int, question: ParsedQuestion, context: str) -> NamedEvent | None:
    """The event that some words name, or None.

    Args:
        text: the words.
        number: which event of the question: 1 or 2.
        question: what its quotations and video are.
        context: words of the rest of the question that say of what kind the event is; read too.
    """
    edge = pattern("video_edge").fullmatch(text)
    if edge is not None:
        is_start = bool(edge["start"] or edge["starts"])
        whole = question.part or Span(0.0, question.video.duration)
        reading = f"the {'start' if is_start else 'end'} of the video"
        return _at(whole.start if is_start else whole.end, number, reading)
    time = IS_MARK.fullmatch(text.removeprefix("the moment ").strip())
    if time is not None:
        moment = question.times[int(time[1])].start
        return _at(moment, number, clock(moment))
    forms = [f"{text} {context}"]
    if QUOTE_MARK.search(text) and "word" not in context.split():  # said, or written?
        forms.append(f"the text {text} {context} is shown")
    for form in forms:
        tokens = [token for token in tokens_of(form) if token.role != "ask"]
        found = [
            fit
            for fit in fits(tokens, "none", question.given, events=True)
            if not fit.left and fit.share >= _LEAST
        ]
        if found:
            return event_from(found[0], number, question)
    return None


def _at(moment: float, number: int, reading: str) -> NamedEvent:
    """A moment that the question itself names, as an event."""
    where = f"found_{number} = [Span({moment!r}, {moment!r})]\nmoment_{number} = {moment!r}\n"
    return NamedEvent(reading, where)


def event_from(fit: Fit, number: int, question: ParsedQuestion) -> NamedEvent:
    values = values_of(fit, (), question.quotes, (), question.video, question.part)
    text = f"{head_of(fit.kind.program, values)}{fit.kind.program}"
    return NamedEvent(fit.kind.reading.format_map(_shown(values)), renamed(text, number))


def _shown(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


_EITHER = (
    "(?:before or after|after or before|(?:earlier or later|later or earlier|sooner or later) than)"
)

_BEFORE = "before|earlier than|sooner than|prior to|previous to|ahead of|in advance of|precedes?"


def before_and_after(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The question with its two events as options, if it asks whether one comes before another."""
    either = re.fullmatch(rf"(?P<one>.+?),? {_EITHER} (?:that )?(?P<other>.+)", text)
    if either is not None:
        yield "is optionsmark before or after", (either["one"], either["other"])
        return
    hit = re.fullmatch(
        rf"(?P<one>.+?) (?P<how>{_BEFORE}|after|later than|subsequent to) (?P<other>.+)",
        text,
    )
    if hit is not None and asks_of(tokens_of(text)) <= {"#yes or no"}:
        how = "before" if re.fullmatch(_BEFORE, hit["how"]) else "after"
        other = re.sub(r",? or .*$", "", hit["other"])
        yield f"is optionsmark {how}", (hit["one"], other)


_HOW_LONG = (
    r"(?:how (?:long|soon|much time|many (?:seconds|secs|s|minutes))"
    r"|(?:the )?(?:time|seconds|delay|gap|interval))"
)
_PASSES = (
    r"(?: (?:is it|is there|are there|does it take|did it take|do we wait|did we wait|passes"
    r"|pass|elapses|goes by|lies|is))?"
)
_VERB = r"(?:is|are|was|were|does|do|did|until|till)"
_BETWEEN = (
    rf"{_HOW_LONG}{_PASSES} between (?P<one>.+?) and (?P<other>.+)",
    rf"{_HOW_LONG}{_PASSES} from (?P<one>.+) (?:to|until|till) (?P<other>.+)",
    rf"{_HOW_LONG}(?: later)? after (?P<one>.+?) {_VERB} (?P<other>.+)",
    rf"{_HOW_LONG}(?: later)? before (?P<other>.+?) {_VERB} (?P<one>.+)",
)


def time_between(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The question with its two events as options, if it asks how long one comes after another."""
    for pattern in _BETWEEN:
        hit = re.fullmatch(pattern, text)
        if hit is not None:
            yield "how long between optionsmark", (hit["one"], hit["other"])


def time_clauses(text: str) -> Iterator[tuple[str, str]]:
    """The question without a clause that names its time ("when it turns green"), and the clause."""
    joint = (
        r"(?:at the (?:moment|time|point|instant)(?: when| that| at which)?"
        r"|when|while|as soon as|once|as|whilst|during)"
    )
    hit = re.fullmatch(rf"(?P<rest>.+?),? {joint} (?P<event>.+)", text) or re.fullmatch(
        rf"{joint} (?P<event>.+?), (?P<rest>.+)", text
    )
    if hit is not None and not asks_of(tokens_of(hit["event"])):  # "...; when does it start?" asks
        yield hit["rest"], hit["event"]
