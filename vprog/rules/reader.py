"""The reader: a question becomes an interpretation (kind and slots), and that a program."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vprog.rules.draft import Draft, both, unfit, yes_and_no
from vprog.rules.event_bounds import event_of, time_clauses, two_events
from vprog.rules.fill_program import draft_of
from vprog.rules.lexicon import stem
from vprog.rules.match_kind import LEAST, Fit, fits
from vprog.rules.match_meaning import nearest
from vprog.rules.numbers import read_number
from vprog.rules.question_kinds import Kind
from vprog.rules.question_text import ParsedQuestion, has_plain_capitals, with_bare_text
from vprog.rules.rule_data import pattern, rewritten
from vprog.rules.times import IS_MARK, mark, read_length
from vprog.rules.tokens import OPTIONS_MARK, QUOTE_MARK, TRACK, thing_named, tokens_of

MARGIN = 0.02
"""By how much more of its wording the best reading must hold than one of another kind."""
_OPTION_WORDS = 6
_MOST_DRAFTS = 6
"""So many kinds are compared before one is taken, or none because two are as near."""
_OF_FILE = ("file", "tracks")
_Found = tuple[Fit, ParsedQuestion]
"""A kind, and the form of a question that fits it."""


@dataclass(frozen=True)
class Interpretation:
    """What a question was read as.

    Attributes:
        fit: its kind and slots.
        draft: the program.
    """

    fit: Fit
    draft: Draft


@dataclass(frozen=True)
class NotRead:
    """Why a question was not read; as false as None.

    Attributes:
        left: the words that no kind accounts for, of the kind that came nearest.
        between: the interpretations that come equally near.
    """

    left: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    def __bool__(self) -> Literal[False]:
        """False, as None would be."""
        return False


def read(
    question: ParsedQuestion, choices: Sequence[str], *, by_meaning: bool = False
) -> Interpretation | NotRead:
    """Read a question; of one that asks two things, both.

    Args:
        question: its words, times, quotations and video.
        choices: the answers to choose among.
        by_meaning: whether a question whose words do not settle it is of the kind whose wording
            means the same.
    """
    text = question.text
    whole = NotRead() if pattern("and_whether").search(text) else _read(question, choices)
    if by_meaning and not pattern("two_asks").search(text):
        whole = whole or _like(question, choices) or whole
    if not whole or whole.fit.kind.n_events or has_plain_capitals(question.raw):
        quoted = with_bare_text(question)
        of_quoted = quoted and read(quoted, choices, by_meaning=by_meaning)
        if of_quoted:
            return of_quoted
    return whole or (not choices and _two_read(question)) or whole


def _two_read(question: ParsedQuestion) -> Interpretation | None:
    """A question that asks two things, or for two facts of the file."""
    text = question.text
    parts = pattern("two_questions").split(text)
    if len(parts) == 2:
        return _both_of(question, *parts)
    for joint in pattern("two_things").finditer(text):
        parts = [text[: joint.start()], text[joint.end() :]]
        if facts := _both_of(question, *parts, of_file=True):
            return facts
    return None


def _both_of(
    question: ParsedQuestion, first_part: str, second_part: str, *, of_file: bool = False
) -> Interpretation | None:
    """The answer to two questions, `of_file` to two facts; None if one of them is not read."""
    first = _read(_part_of(question, first_part), ())
    if not first or (of_file and first.fit.kind.family not in _OF_FILE):
        return None
    # "and when does it end", "and when is the last one": what is meant stands in the first.
    tokens = tokens_of(first_part)
    things = " ".join(token.text for token in tokens if token.slots)
    words = " ".join(token.text for token in tokens if token.role == "content")
    forms = [second_part, *(f"{second_part} {subject}" for subject in (things, words) if subject)]
    has_words = any(token.role == "content" for token in tokens_of(second_part))
    is_of_file = first.fit.kind.family in _OF_FILE
    if not has_words or (pattern("said_again").search(second_part) and not is_of_file):
        forms = forms[1:] or forms
    for form in forms[:1] if of_file else forms:
        second = _read(_part_of(question, form), ())
        if second and (not of_file or second.fit.kind.family in _OF_FILE):
            return replace(first, draft=both(first.draft, second.draft))
    return None


def _part_of(question: ParsedQuestion, text: str) -> ParsedQuestion:
    """A part of a question that asks two things, with those of its times that the part names."""
    places = [int(hit[1]) for hit in IS_MARK.finditer(text)]
    renumbered = iter(range(len(places)))
    text = IS_MARK.sub(lambda _: mark(next(renumbered)), text)
    return replace(question, text=text, times=tuple(question.times[place] for place in places))


def _read(question: ParsedQuestion, choices: Sequence[str]) -> Interpretation | NotRead:
    """Read a question that asks one thing.

    Args:
        question: its words, times, quotations and video.
        choices: the answers to choose among.
    """
    near = [pair for pair in _found(question, tuple(choices)) if pair[0].share >= LEAST]
    drafted: list[Interpretation] = []
    for fit, form in near:
        # What is left of a question of order says more of its events: "which word is said first".
        if fit.left and not fit.kind.n_events and fit.kind.options_are != "things":
            continue
        if any(fit.kind is other.fit.kind and fit.slots == other.fit.slots for other in drafted):
            continue
        draft = _draft(fit, form, question, choices)
        if draft is not None:
            drafted.append(Interpretation(fit, draft))
        if len(drafted) == _MOST_DRAFTS:
            break
    if not drafted:
        return NotRead(left=near[0][0].left if near else ())
    top = drafted[0].fit
    level = [
        it
        for it in drafted
        if len(it.fit.left) == len(top.left)
        and top.share - it.fit.share < MARGIN
        and top.matched - it.fit.matched < 2 * MARGIN
    ]

    def suits(it: Interpretation) -> tuple[bool, bool]:
        """Whether the file has what a program looks at, and whether it knows the options."""
        return (unfit(it.draft, question.video) is None, "options" in it.fit.slots)

    best = max(level, key=suits)  # the first of several
    rivals = [
        other.draft.reading
        for other in level
        if other.draft.body != best.draft.body
        and not _is_same_time(best.fit, other.fit)
        and suits(other) == suits(best)
    ]
    return NotRead(between=(best.draft.reading, *dict.fromkeys(rivals))) if rivals else best


@functools.lru_cache(maxsize=16)
def _found(question: ParsedQuestion, choices: tuple[str, ...]) -> list[_Found]:
    """The ways in which words alone let a question be read, the best first."""
    named = [TRACK] if question.track else []
    plain = {choice.lower() for choice in choices}

    def word(hit: re.Match[str]) -> str:
        quote = question.quotes[int(hit[1])].lower()
        return quote if quote in plain else hit[0]

    with_choices = QUOTE_MARK.sub(word, question.text)  # quotations that are choices as words
    found = [
        (fit, form)
        for text in dict.fromkeys((question.text, with_choices))
        for form in _forms(question, text, choices)
        for fit in fits((*tokens_of(form.text), *named), form)[:40]
        if not fit.kind.excludes(question.text)
    ]
    return sorted(found, key=lambda pair: pair[0].rank, reverse=True)


def _like(question: ParsedQuestion, choices: Sequence[str]) -> Interpretation | None:
    """A question read as of the kind whose wording means the same; None if there is no one."""
    found = _found(question, tuple(choices))
    by_words = [fit for fit, form in found if not form.clause]
    like = nearest(question, by_words)
    form = next((form for fit, form in found if fit is like), question)
    draft = None if like is None else _draft(like, form, question, choices)
    if like is None or draft is None:
        return None
    reading = f"{draft.reading} (Taken by its meaning.)"
    return Interpretation(like, replace(draft, reading=reading, by_meaning=True))


def _is_same_time(fit: Fit, other: Fit) -> bool:
    """Whether both ask when one and the same thing happens: from when on, or during which span."""
    names = [one.kind.name.rsplit(" ", 1) for one in (fit, other)]
    is_one = fit.kind.family == other.kind.family and names[0][0] == names[1][0]
    return is_one and {names[0][-1], names[1][-1]} <= {"begins", "when", "during"}


def _forms(question: ParsedQuestion, text: str, choices: Sequence[str]) -> Iterator[ParsedQuestion]:
    """A question as it may be taken: as it stands, with the options that it names as one mark,
    without a clause.

    Args:
        question: the question.
        text: its text.
        choices: the answers to choose among.
    """

    def form(text: str, options: Sequence[str] = (), clause: str = "") -> ParsedQuestion:
        return replace(question, text=text, options=tuple(options), clause=clause)

    listed, text = text, rewritten(text.replace(",", ""), "form")
    several = rewritten(text, "all_of_them")
    yield from (form(it) for it in dict.fromkeys((several, rewritten(several, "ends_with_at"))))
    lowered = [choice.lower() for choice in choices]
    hits = [(text.find(choice), len(choice)) for choice in lowered if choice in text]
    if len(hits) >= 2:
        ends = min(at for at, _ in hits), max(at + size for at, size in hits)
        yield form(_marked(text, *ends), choices)
    elif choices and " or " not in text:
        yield form(f"{text} {OPTIONS_MARK}", choices)
    if choices:
        yield from _amounts(question, text, lowered)
    for whole in dict.fromkeys((listed, text)):
        for start, end, options in _options(whole):
            if pattern("edge_of").search(whole[:start]) or pattern("other_clause").search(whole):
                continue  # "the end of A or B" is of A alone; "live, or is it dubbed?" asks again
            yield form(_marked(whole, start, end), options)
            if start > 0 and pattern("shows_which").match(whole):  # "does it show 5 or 6?": what?
                yield form(f"what {whole[:start]} {whole[end:]}")
    for rest, events in two_events(text):
        of_events = form(rest, events)
        yield replace(of_events, times=()) if any(map(IS_MARK.search, events)) else of_events
    for rest, clause in time_clauses(text):
        yield form(rest, clause=clause)


def _marked(text: str, start: int, end: int) -> str:
    """A text with the mark of options in the place of a part."""
    return f"{text[:start]} {OPTIONS_MARK} {text[end:]}"


def _amounts(
    question: ParsedQuestion, text: str, choices: Sequence[str]
) -> Iterator[ParsedQuestion]:
    """ "Are there 3 cuts or 4?" as "how many cuts are there", "is it at 2 s or 4 s?" as "when"."""
    numbers = [_number_of(choice) for choice in choices]
    named = "|".join(map(re.escape, choices))
    if None not in map(read_length, choices) and pattern("lasting").search(text):
        length = r"\d+(?:\.\d+)? ?(?:s|secs?|seconds?|mins?|minutes?)?"
        taken = rf"{IS_MARK.pattern}|\bfor (?=\d|{OPTIONS_MARK})|\b(?:{named}|{length}|or)\b"
        ask = "how long"
    elif None not in numbers:
        words = [word for word in text.split() if read_number(word) not in numbers or word == "a"]
        ways = "how many times" if text.endswith(" times") else "how many"
        counted = " ".join(word for word in words if word not in ("or", "times"))
        yield replace(question, text=f"{ways} {counted}")
        return
    elif (
        0 < len(IS_MARK.findall(text)) <= len(choices)
        and all(re.search(r"\d", choice) for choice in choices)
        and not pattern("is_read").search(text)
    ):
        taken, ask = rf"{IS_MARK.pattern}|{named}|\bor\b|,", "when"
    else:
        return
    rest = pattern("auxiliary").sub("", re.sub(taken, " ", text))
    yield replace(question, text=f"{ask} {rest}", times=())


def _draft(
    fit: Fit, form: ParsedQuestion, question: ParsedQuestion, choices: Sequence[str]
) -> Draft | None:
    """The program of a question in a form; None if it is none, e.g. an event is not understood."""
    kind = fit.kind
    if kind.n_events and len(form.options) != kind.n_events:
        return None
    texts = form.options if kind.n_events else (form.clause,) if form.clause else ()
    named = [
        event_of(text.lower(), number, question, " ".join(fit.left))
        for number, text in enumerate(texts, 1)
    ]
    events = [event for event in named if event is not None]
    options = [
        QUOTE_MARK.sub(lambda hit: question.quotes[int(hit[1])], option)
        for option in form.options or choices
    ]
    if len(events) < len(named) or not _are_options(options, kind, choices):
        return None
    if kind.name.endswith(" list") and choices and None not in map(_number_of, choices):
        return None  # how many there are is asked for
    draft = draft_of(fit, form, options, choices, events)
    if question.track and draft.tasks == ("probe",) and "track" not in fit.slots:
        return None  # a fact of the whole file is none of the track
    return draft


def _number_of(choice: str) -> float | None:
    """The number that a choice is: "3", "three times", "at 3"."""
    return read_number(re.sub(r"^at |(?<=\w) times?$", "", choice.lower()).strip())


def _are_options(options: Sequence[str], kind: Kind, choices: Sequence[str]) -> bool:
    """Whether texts can be the options of a kind."""
    slot = kind.options_are
    if not slot:
        return True
    if slot == "things":  # different ones settle the answer, whatever else is said of them
        things = [thing_named(option) for option in options]
        return len(set(things)) == len(things) > 1 and None not in things
    if slot == "word":  # not whether, but which of the words
        return not yes_and_no(options) and all(it in choices or _is_word(it) for it in options)
    for option in options:
        tokens = tokens_of(option.lower(), is_question=False)
        content = [token for token in tokens if token.role == "content"]
        others = [token for token in content if slot not in token.slots]
        if len(others) == len(content) or not all(it.meanings & kind.also for it in others):
            return False
    return True


def _is_word(option: str) -> bool:
    """Whether a text that was cut out of a question can only be what is said or written."""
    return all(
        token.role == "content"
        and token.meanings <= {stem(token.text)}
        and "nth" not in token.slots
        for token in tokens_of(option.lower(), is_question=False)
    )


def _options(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where a text names options ("red, green or blue"), from the shortest names to the longest."""
    for size in range(1, _OPTION_WORDS + 1 if re.search(r"\s+or\s+", text) else 0):
        name = rf"[\w'.-]+(?: [\w'.-]+){{{size - 1}}}"
        hit = re.search(rf"(?:^|(?<=\s))((?:{name}, ?)*{name}),? or ({name})(?=[\s,?]|$)", text)
        if hit is not None:
            options = (*re.split(r", ?", hit[1]), hit[2])
            if not any(map(pattern("no_option").search, options)):
                plain = (pattern("before_name").sub("", option) for option in options)
                yield hit.start(), hit.end(), tuple(plain)
