"""One shot among others: the longest, the shortest, the one at a time; how one opens."""

from __future__ import annotations

from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily
from vprog.rules.numbers import read_ordinal
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.shot_questions import CHANGE, CUT, SHOT, shots_draft
from vprog.rules.span_words import during
from vprog.rules.word_forms import PICTURE, SEE, START, STOP, words


def write_one_shot(question: ParsedQuestion) -> Draft | None:
    """A program about one shot among others, or None."""
    if question.quotes:
        return None
    for rule in (_longest, _average, _kind_when, _at_time):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _longest(question: ParsedQuestion) -> Draft | None:
    extremes = words("longest shortest")
    if not question.has(extremes, SHOT) or question.times:
        return None
    if not question.only(
        extremes,
        SHOT,
        START,
        STOP,
        SEE,
        words("long length duration last lasts which number shot's for"),
    ):
        return None
    pick = "max" if question.has(words("longest")) else "min"
    word = "longest" if pick == "max" else "shortest"
    body = (
        "shots = find_shots(video)\n"
        f"place = {pick}(range(len(shots)), key=lambda i: duration(shots[i]))\n"
    )
    if question.ask == "how long" or question.has(words("long length duration")):
        value, kind, reading = (
            "round(duration(shots[place]), 2)",
            "seconds",
            "How long the {} shot lasts",
        )
    elif question.ask == "when":
        end = question.has(STOP)
        value = (
            "round(shots[place].end, 2)" if end else "Span(shots[place].start, shots[place].end)"
        )
        if question.has(START):
            value = "round(shots[place].start, 2)"
        kind = "span" if value.startswith("Span") else "seconds"
        reading = "When the {} shot is"
    elif question.ask_words == "which" and not question.has(SEE):
        value, kind, reading = "place + 1", "number", "Which shot is the {}, counted from 1"
    else:
        return None
    return shots_draft(
        reading.format(word) + ".",
        f"{body}value = {value}",
        kind,  # type: ignore[arg-type]
        "[shots[place]]",
        tolerance=0.0 if kind == "number" else 0.7,
    )


def _average(question: ParsedQuestion) -> Draft | None:
    if not question.has(words("average mean typical"), SHOT) or question.times:
        return None
    if question.ask not in ("how long", "what") or not question.only(
        words("average mean typical length duration long last lasts"), SHOT
    ):
        return None
    return shots_draft(
        "How long a shot lasts on average.",
        "shots = find_shots(video)\nvalue = "
        "round(sum([duration(shot) for shot in shots]) / len(shots), 2)",
        "seconds",
        "[shot for shot in shots[:20]]",
        tolerance=0.7,
    )


def _kind_when(question: ParsedQuestion) -> Draft | None:
    """Which shot is on at a time, and which kind of transition starts it."""
    if (
        question.ask != "what"
        or question.times
        or not question.has(CHANGE | CUT, SHOT | words("kind type"))
    ):
        return None
    ordinals = [at for word in question.tokens if (at := read_ordinal(word)) is not None]
    known = words(" ".join(word for word in question.tokens if read_ordinal(word) is not None))
    if len(ordinals) != 1 or not question.only(
        CHANGE, CUT, SHOT, known, START, words("kind type sort with between and")
    ):
        return None
    nth = ordinals[0]
    if question.has(SHOT) and not question.has(CHANGE | CUT):
        return None
    place = "found[-1]" if nth < 0 else f"found[{nth - 1}]"
    return shots_draft(
        "What kind of transition the named one is.",
        'shots = find_shots(video)\nfound = [shot for shot in shots if shot.opening != "start"]\n'
        f"if len(found) < {max(nth, 1)}:\n"
        '    abstain(f"only {len(found)} shot changes were found")\n'
        f"value = {place}.opening",
        "text",
        f"[{place}]",
    )


def _at_time(question: ParsedQuestion) -> Draft | None:
    """Which shot, by number, is on at a time."""
    when = question.when
    if question.ask != "what" or when is None or when.kind != "at" or not question.has(SHOT):
        return None
    if not question.only(SHOT, SEE, PICTURE, words("number which")):
        return None
    return shots_draft(
        f"Which shot is on{during(when)}, counted from 1.",
        "shots = find_shots(video)\n"
        f"past = [shot for shot in shots if shot.start <= {when.start!r}]\n"
        "value = max(len(past), 1)",
        "number",
        "[shots[value - 1]]",
    )


FAMILY = RuleFamily("shots", 40, write_one_shot)
