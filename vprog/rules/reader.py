"""The reader: a question becomes a reading (its kind, its slots), and the reading a program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vprog.rules.draft import Draft
from vprog.rules.fill import draft_of, values_of
from vprog.rules.kinds import TimeKind
from vprog.rules.match import LEAST, Fit, fits
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import OPTIONS_MARK, tokens_of

MARGIN = 0.02
"""By how much more of its wording the best reading must hold than one of another kind."""
_OPTION_WORDS = 6


@dataclass(frozen=True)
class Reading:
    """What a question was read as.

    Attributes:
        fit: its kind and slots.
        draft: the program.
    """

    fit: Fit
    draft: Draft


@dataclass(frozen=True)
class NotRead:
    """Why a question was not read.

    Attributes:
        left: the words that no kind accounts for, of the kind that came nearest.
        between: the readings that come equally near.
    """

    left: tuple[str, ...] = ()
    between: tuple[str, ...] = ()


def read(question: ParsedQuestion, choices: Sequence[str]) -> Reading | NotRead:
    """Read a question.

    Args:
        question: its words, times, quotations and video.
        choices: the answers to choose among.
    """
    time = _time_kind(question)
    found: list[tuple[Fit, tuple[str, ...]]] = []
    for form, options in _forms(question.full, choices):
        tokens = tokens_of(form)
        found += [(fit, options) for fit in fits(tokens, time)[:40]]
    found.sort(key=lambda pair: pair[0].rank, reverse=True)
    whole = [pair for pair in found if not pair[0].left and pair[0].share >= LEAST]
    if not whole:
        near = [pair for pair in found if pair[0].share >= LEAST]
        return NotRead(left=near[0][0].left if near else ())
    drafts: list[tuple[Fit, Draft]] = []
    for fit, options in whole[:8]:
        values = values_of(fit, question.times, question.quotes, options or choices, question.video)
        drafts.append((fit, draft_of(fit, values, question.times, choices)))
    best, draft = drafts[0]
    rivals = [
        other.reading
        for fit, other in drafts[1:]
        if other.body != draft.body
        and best.share - fit.share < MARGIN
        and best.matched - fit.matched < 1
    ]
    if rivals:
        return NotRead(between=(draft.reading, *dict.fromkeys(rivals)))
    return Reading(best, draft)


def _time_kind(question: ParsedQuestion) -> TimeKind:
    if not question.times:
        return "none"
    if len(question.times) > 1:
        return "two"
    return "at" if question.times[0].kind == "at" else "span"


def _forms(text: str, choices: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The question as it stands, and with the options that it names as one mark."""
    text = re.sub(r"^(.+) at$", r"list the \1", text)  # "cuts at?"
    yield text, ()
    lowered = [choice.lower() for choice in choices]
    if lowered:
        hits = [(text.find(choice), len(choice)) for choice in lowered]
        if sum(at >= 0 for at, _ in hits) >= 2:
            start = min(at for at, _ in hits if at >= 0)
            end = max(at + size for at, size in hits if at >= 0)
            yield f"{text[:start]} {OPTIONS_MARK} {text[end:]}", tuple(choices)
    for start, end, options in _options(text):
        yield f"{text[:start]} {OPTIONS_MARK} {text[end:]}", options


def _options(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where a text names options ("red, green or blue"), from the shortest names to the longest."""
    joint = re.search(r"\s+or\s+", text)
    if joint is None:
        return
    for size in range(1, _OPTION_WORDS + 1):
        name = rf"[\w'.-]+(?: [\w'.-]+){{{size - 1}}}"
        hit = re.search(rf"(?:^|(?<=\s))((?:{name}, ?)*{name}),? or ({name})(?=[\s,?]|$)", text)
        if hit is not None:
            options = (*re.split(r", ?", hit[1]), hit[2])
            if not any(IS_MARK.search(option) for option in options):
                yield hit.start(), hit.end(), tuple(_plain(option) for option in options)


def _plain(option: str) -> str:
    return re.sub(r"^(?:the|a|an) ", "", option)
