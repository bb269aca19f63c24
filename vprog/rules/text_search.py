"""Certain text, or any text, in the picture: whether it is there, when, and for how long."""

from __future__ import annotations

import re

from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import QUOTE, ParsedQuestion
from vprog.rules.span_words import during
from vprog.rules.text_questions import (
    COUNTER,
    PLAIN,
    READ,
    TEXT,
    find,
    lines_at,
    text_draft,
    text_rate,
)
from vprog.rules.word_forms import FIRST, LAST, PICTURE, SEE, START, STOP, words

_KNOWN = words("ever point at any somewhere anywhere become becomes")


def write_text_search(question: ParsedQuestion) -> Draft | None:
    """A program that looks for text in the picture, or None."""
    for rule in (_shown, _when, _how_long, _exists):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


MISREAD = 0.2
"""The score of search_text above which the line it gives may hold the wanted words, misread."""


def matching(question: ParsedQuestion, wanted: str, around: float = 0.0) -> str:
    """Program text that leaves in `found` the text spans that hold the wanted words.

    Where there are none, `reason` says what was read, and `near` holds the line most like them.
    """
    rate = text_rate(question.video.duration)
    return (
        f"{PLAIN}spans = {find(question, around)}\n"
        f"wanted = plain({wanted!r})\n"
        "found = [span for span in spans if wanted in plain(span.text)]\n"
        f"near = search_text(spans, {wanted!r}, count=1, nearest=True) if not found else []\n"
        f'reason = f"{rate:g} frames a second were looked at and {{len(spans)}} texts read, none '
        'with these words"\n'
        "if near:\n"
        '    reason = f"{reason}; the nearest is {near[0].text[:80]!r}"\n'
    )


def wanted_text(question: ParsedQuestion) -> str | None:
    """The words that are looked for: the one quotation, or the one bare number."""
    if len(question.quotes) == 1:
        return question.quotes[0]
    bare = [word for word in question.tokens if re.fullmatch(r"\d[\d.,:;]*", word)]
    return bare[0] if len(bare) == 1 and not question.quotes else None


def _looks_for_text(question: ParsedQuestion) -> str | None:
    wanted = wanted_text(question)
    if wanted is None or not re.search(r"[^\W_]", wanted):
        return None
    beside = {QUOTE, wanted}
    if not question.only(
        TEXT,
        READ - words("say says"),
        PICTURE,
        SEE,
        COUNTER,
        _KNOWN,
        FIRST,
        LAST,
        START,
        STOP,
        beside,
        words(
            "for long time visible at go goes away disappear disappears vanish vanishes "
            "stay stays remain remains"
        ),
    ):
        return None
    if question.says("sa(?:y|id|ys)|spoken|heard|mention"):
        return None
    return wanted


def _shown(question: ParsedQuestion) -> Draft | None:
    """Whether certain words stand in the picture."""
    if question.ask != "yes or no" or len(question.times) > 1:
        return None
    wanted = _looks_for_text(question)
    if wanted is None or question.has(
        FIRST | LAST | STOP | words("disappear disappears vanish vanishes")
    ):
        return None
    around = 0.1 if question.when and question.when.kind == "at" else 0.0
    body = (
        f"{matching(question, wanted, around)}"
        f"if near and near[0].score > {MISREAD}:  # letters may be misread\n"
        "    abstain(reason)\n"
        "value = len(found) > 0"
    )
    return text_draft(
        f"Whether {wanted!r} stands in the picture{during(question.when)}.",
        body,
        "yes or no",
        "found[:10]",
    )


def _when(question: ParsedQuestion) -> Draft | None:
    """When certain words, or any text, stand in the picture."""
    if question.ask != "when" or question.times:
        return None
    any_text = (
        not question.quotes
        and question.has(TEXT)
        and question.only(TEXT, READ, PICTURE, SEE, FIRST, LAST, START, STOP, words("time"))
    )
    wanted = None if any_text else _looks_for_text(question)
    if not any_text and wanted is None:
        return None
    gone = question.has(STOP | LAST | words("disappear disappears vanish vanishes away"))
    chosen = (
        "round(max([span.end for span in found]), 2)"
        if gone
        else "round(min([span.start for span in found]), 2)"
    )
    edge = "last" if gone else "first"
    if wanted is None:
        rate = text_rate(question.video.duration)
        head = (
            f"found = {find(question)}\n"
            f'reason = "{rate:g} frames a second were looked at, and no text could be read"\n'
        )
    else:
        head = matching(question, wanted)
    body = f"{head}if not found:\n    abstain(reason)\nvalue = {chosen}"
    what = "any text" if wanted is None else repr(wanted)
    return text_draft(
        f"When {what} is {edge} in the picture.",
        body,
        "seconds",
        "[span for span in found[:10]]",
        0.7,
    )


def _how_long(question: ParsedQuestion) -> Draft | None:
    if question.ask != "how long" or question.times:
        return None
    wanted = _looks_for_text(question)
    if wanted is None:
        return None
    body = (
        f"{matching(question, wanted)}"
        "if not found:\n    abstain(reason)\n"
        "value = "
        "round(sum([duration(part) for part in union([span_of(span) for span in found])]), "
        "2)"
    )
    return text_draft(
        f"How long {wanted!r} stands in the picture.",
        body,
        "seconds",
        "[span for span in found[:10]]",
        1.0,
    )


def _exists(question: ParsedQuestion) -> Draft | None:
    """Whether there is any text."""
    if question.ask != "yes or no" or question.quotes or len(question.times) > 1:
        return None
    if not question.has(TEXT - words("name title titles line lines string label")):
        return None
    if not question.only(
        TEXT - words("name title titles"), READ, PICTURE, SEE, words("any point at anything")
    ):
        return None
    read, _ = lines_at(question)
    body = (
        f"import re\n\n{read}"
        "likely = [line for line in lines if line.score >= 0.6]\n"
        'sure = [line for line in likely if len(re.findall(r"\\w", line.text)) >= 2]\n'
        "if not sure and lines:\n"
        '    abstain("something may be text, but no score is high enough to say so")\n'
        "value = len(sure) > 0"
    )
    return text_draft(
        f"Whether there is text in the picture{during(question.when)}.",
        body,
        "yes or no",
        "sorted(sure, key=lambda line: -line.score)[:1]",
    )


FAMILY = RuleFamily("text", 140, write_text_search)
