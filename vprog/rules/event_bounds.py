"""Events that a question names beside what it asks: "before the sound stops".

An event is a thing to find (see question_kinds.py) in words of its own. Its program runs first,
under names of its own, so that two events, or an event and the rest of the question, do not disturb
each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vprog.program.bindings import renamed
from vprog.rules.fill_program import NamedEvent, head_of, shown, values_of
from vprog.rules.match_kind import Fit, fits
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.rule_data import pattern, rewrites, ways
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import QUOTE_MARK, asks_of, tokens_of
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
        whole = question.whole
        name, moment = ("start", whole.start) if any(edge.groups()) else ("end", whole.end)
        return _at(moment, number, f"the {name} of the video")
    time = IS_MARK.fullmatch(text.removeprefix("the moment ").strip())
    if time is not None:
        moment = question.times[int(time[1])].start
        return _at(moment, number, clock(moment))
    forms = [f"{text} {context}"]
    if QUOTE_MARK.search(text) and "word" not in context.split():  # said, or written?
        forms.append(f"the text {text} {context} is shown")
    untimed = replace(question, times=(), track=None)
    for form in forms:
        tokens = [token for token in tokens_of(form) if token.role != "ask"]
        for fit in fits(tokens, untimed, events=True):
            if not fit.left and fit.share >= _LEAST:
                return event_from(fit, number, untimed)
    return None


def _at(moment: float, number: int, reading: str) -> NamedEvent:
    """A moment that the question itself names, as an event."""
    where = f"found_{number} = [Span({moment!r}, {moment!r})]\nmoment_{number} = {moment!r}\n"
    return NamedEvent(reading, where)


def event_from(fit: Fit, number: int, question: ParsedQuestion) -> NamedEvent:
    """The event that some words were read as, in a question without its times."""
    values = values_of(fit, question, ())
    text = f"{head_of(fit.kind.program, values)}{fit.kind.program}"
    return NamedEvent(fit.kind.reading.format_map(shown(values)), renamed(text, f"_{number}"))


def two_events(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The question with its two events as options, if it asks which comes first, or how long one
    comes after another."""
    asks_whether = asks_of(tokens_of(text)) <= {"#yes or no"}
    for said, form in rewrites("two_events"):
        hit = said.fullmatch(text)
        if hit is not None and (asks_whether or form.startswith("how long")):
            yield form, (hit["one"], hit["other"])


def time_clauses(text: str) -> Iterator[tuple[str, str]]:
    """The question without a clause that names its time ("when it turns green"), and the clause."""
    hits = (way.fullmatch(text) for way in ways("time_clause"))
    hit = next((hit for hit in hits if hit is not None), None)
    if hit is not None and not asks_of(tokens_of(hit["event"])):  # "...; when does it start?" asks
        yield hit["rest"], hit["event"]
