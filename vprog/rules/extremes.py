"""Extremes of picture and sound: when it is brightest, darkest, loudest, quietest, when most or
least moves, and at which of two times there is more of it."""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.measures import (
    BRIGHTNESS,
    EXTREME_WORDS,
    GO,
    LOUDNESS,
    MOTION,
    Quantity,
    levels_call,
    measured,
    which_extreme,
)
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during
from vprog.rules.times import When
from vprog.rules.word_forms import PICTURE, SEE, SOUND, words


def write_extremes(question: ParsedQuestion) -> Draft | None:
    """A program about extremes of picture and sound, or None."""
    if question.quotes:
        return None
    for rule in (_compare, _peak):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(
    reading: str, body: str, kind: Kind, evidence: str, task: str, tolerance: float = 1.0
) -> Draft:
    return Draft(reading, body, kind, evidence, (task,), tolerance)


def _peak(question: ParsedQuestion) -> Draft | None:
    """When a quantity is highest or lowest."""
    extreme = which_extreme(question)
    if extreme is None or question.ask not in ("when", "what") or len(question.times) > 1:
        return None
    quantity, high = extreme
    if question.when and question.when.kind == "at":
        return None
    if question.ask == "what" and not question.says("(?:moment|time|point|second|part)"):
        return None
    if not question.only(
        *EXTREME_WORDS,
        quantity.subject,
        GO,
        SEE,
        words("second there overall"),
        SOUND if quantity.sound else PICTURE,
    ):
        return None
    pick = "highest" if high else "lowest"
    body = (
        f"levels = {levels_call(quantity, question.when, question.video.duration)}\n"
        f"{measured('levels', quantity)}"
        "top, bottom = highest(levels), lowest(levels)\n"
        f"if top.value - bottom.value < {quantity.least_change!r}:\n"
        f'    abstain("the {quantity.name} hardly changes: no moment stands out")\n'
        f"value = round({'top' if high else 'bottom'}.time, 2)"
    )
    return _draft(
        f"When the {quantity.name} is {pick}{during(question.when)}.",
        body,
        "seconds",
        f"[{'top' if high else 'bottom'}]",
        quantity.task,
    )


def _compare(question: ParsedQuestion) -> Draft | None:
    """Whether a quantity is larger at one time than at another, or at which of two times."""
    if len(question.times) != 2:
        return None
    found: list[tuple[Quantity, bool]] = []
    for quantity in (BRIGHTNESS, LOUDNESS):
        if question.has(quantity.more):
            found.append((quantity, True))
        if question.has(quantity.less):
            found.append((quantity, False))
    if question.says("more (?:motion|movement|activity|action)|moves? more"):
        found.append((MOTION, True))
    if question.says("less (?:motion|movement|activity|action)|moves? less"):
        found.append((MOTION, False))
    if len(found) != 1:
        return None
    quantity, more = found[0]
    either = question.says("or")
    if not question.only(
        quantity.more,
        quantity.less,
        quantity.subject,
        words("more less than or get gets become becomes much in compared"),
        SOUND if quantity.sound else PICTURE,
    ):
        return None
    if not either and (question.ask != "yes or no" or not question.says("than")):
        return None
    spans = [_stretch(when, question.video.duration) for when in question.times]
    body = ""
    for name, (start, end) in zip(("one", "other"), spans, strict=True):
        call = levels_call(quantity, When("within", start, end, ""), question.video.duration)
        body += f"{name} = {call}\n"
    body += (
        "if not one or not other:\n"
        '    abstain("nothing could be measured at one of the two times")\n'
        "first = sum([level.value for level in one]) / len(one)\n"
        "second = sum([level.value for level in other]) / len(other)\n"
        f"if abs(first - second) < {quantity.least_change / 2!r}:\n"
        f'    abstain("the {quantity.name} is much the same at both times")\n'
    )
    sign = ">" if more else "<"
    names = [_name(when) for when in question.times]
    if either:
        body += f"value = {names[0]!r} if first {sign} second else {names[1]!r}"
        reading = f"At which of two times the {quantity.name} is {'higher' if more else 'lower'}."
    else:
        body += f"value = first {sign} second"
        reading = (
            f"Whether the {quantity.name} is "
            f"{'higher' if more else 'lower'}{during(question.times[0])} "
            f"than{during(question.times[1])}."
        )
    return _draft(
        reading, body, "text" if either else "yes or no", "[one[0], other[0]]", quantity.task
    )


def _stretch(when: When, duration: float) -> tuple[float, float]:
    """A second around a moment; a fifth of the video for its start or end."""
    if when.kind == "within":
        return when.start, when.end
    around = min(duration / 5, 5.0) if when.edge else 0.5
    start = max(0.0, min(when.start - around, duration - around))
    return round(start, 3), round(min(when.end + around, duration), 3)


def _name(when: When) -> str:
    if when.edge:
        return when.edge
    return f"{when.start:g} s" if when.kind == "at" else f"{when.start:g} to {when.end:g} s"


FAMILY = RuleFamily("extremes", 80, write_extremes)
