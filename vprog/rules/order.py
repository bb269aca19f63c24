"""Which of two events comes first, and whether one comes before or after the other.

The two sides of the question are read one by one, each with its own strictness: a side
that is no known event makes the whole question unanswerable.
"""

from __future__ import annotations

import re

from vprog.rules.draft import Draft
from vprog.rules.event_questions import EventMention, question_like, read_event
from vprog.rules.question_text import QUOTE, ParsedQuestion
from vprog.rules.word_forms import words

FAMILY = "order"
_LEAD = words(
    "come comes came happen happens shown appear appears earlier sooner first is be occurs "
    "thing things "
    "event events one of two these which what up starts begins which word "
    "words text texts said spoken "
    "mentioned heard seen displayed and"
)


def write_order(question: ParsedQuestion) -> Draft | None:
    """A program about the order of two events, or None."""
    if question.times:
        return None
    if question.ask in ("what", "when") and question.says("first|earlier|sooner|before"):
        return _which_first(question)
    if question.ask == "yes or no" and question.says(
        "before|after|earlier than|later than|precede|precedes"
    ):
        return _before(question)
    return None


def _which_first(question: ParsedQuestion) -> Draft | None:
    text = re.sub(
        r"^of (.+) and (.+?) ((?:is|are|comes?|appears?|happens?)\b.* ?first)$",
        r"\3 \1 or \2",
        question.text,
    )
    halves = re.split(r" or ", text)
    if len(halves) != 2:
        return None
    context = question.text
    left = (
        re.sub(
            r"^.*?\b(?:first|earlier|sooner)\b ?(?:is |of )?(?:these |the two )?",
            "",
            halves[0],
            count=1,
        ).strip()
        or halves[0]
    )
    head = halves[0][: len(halves[0]) - len(left)]
    right = re.sub(
        r"\b(?:come|comes|happen|happens|appear|appears|is shown|shown)? ?(?:first|earlier"
        r"|sooner)$",
        "",
        halves[1],
    ).strip()
    if not question_like(question, head).only(_LEAD):
        return None
    quotes = list(question.quotes)
    events: list[EventMention] = []
    for side in (left, right):
        taken = side.count(QUOTE)
        event = read_event(question, side, quotes[:taken], context)
        quotes = quotes[taken:]
        if event is None:
            return None
        events.append(event)
    body, evidence = _both(events)
    body += (
        'if first == second:\n    abstain("the two come at the same time")\n'
        f"value = {events[0].label!r} if first < second else {events[1].label!r}"
    )
    return Draft(
        FAMILY,
        f"Which comes first: {events[0].what}, or {events[1].what}.",
        body,
        "text",
        evidence,
        tuple(event.task for event in events),
    )


def _before(question: ParsedQuestion) -> Draft | None:
    hit = re.search(r"\b(before|after|earlier than|later than|precedes?)\b", question.text)
    if hit is None:
        return None
    sides = (question.text[: hit.start()].strip(), question.text[hit.end() :].strip())
    quotes = list(question.quotes)
    events: list[EventMention] = []
    for side in sides:
        taken = side.count(QUOTE)
        event = read_event(question, side, quotes[:taken], question.text)
        quotes = quotes[taken:]
        if event is None:
            return None
        events.append(event)
    body, evidence = _both(events)
    earlier = hit[1] in ("before", "earlier than", "precede", "precedes")
    body += f"value = first {'<' if earlier else '>'} second"
    return Draft(
        FAMILY,
        f"Whether {events[0].what} comes {'before' if earlier else 'after'} {events[1].what}.",
        body,
        "yes or no",
        evidence,
        tuple(event.task for event in events),
    )


def _both(events: list[EventMention]) -> tuple[str, str]:
    """Program text that leaves the times of both events in `first` and `second`."""
    setups: list[str] = []
    lines = ""
    for event, name in zip(events, ("one", "other"), strict=True):
        if event.setup and event.setup not in setups:
            setups.append(event.setup)
        lines += event.lines.format(name=name)
        reason = f"{event.what} was not found"
        lines += f"if not {name}:\n    abstain({reason!r})\n"
    lines += "".join(
        f"{moment} = {event.time.format(name=name)}\n"
        for event, name, moment in zip(events, ("one", "other"), ("first", "second"), strict=True)
    )
    return "".join(setups) + lines, "[one[0], other[0]]"
