"""The reader: a question becomes an interpretation (kind and slots), and that a program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vprog.rules.compound import both
from vprog.rules.draft import Draft, unfit, yes_and_no
from vprog.rules.event_bounds import before_and_after, event_of, time_between, time_clauses
from vprog.rules.fill_program import draft_of, values_of
from vprog.rules.lexicon import stem
from vprog.rules.match_kind import LEAST, Fit, fits
from vprog.rules.match_meaning import nearest
from vprog.rules.numbers import read_number
from vprog.rules.question_kinds import TimeKind
from vprog.rules.question_text import ParsedQuestion, has_plain_capitals, with_bare_text
from vprog.rules.times import IS_MARK, mark, read_length
from vprog.rules.tokens import OPTIONS_MARK, QUOTE_MARK, TRACK, thing_named, tokens_of

MARGIN = 0.02
"""By how much more of its wording the best reading must hold than one of another kind."""
_OPTION_WORDS = 6
_MOST_DRAFTS = 6
"""So many kinds are compared before one is taken, or none because two are as near."""


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
    """Why a question was not read.

    Attributes:
        left: the words that no kind accounts for, of the kind that came nearest.
        between: the interpretations that come equally near.
    """

    left: tuple[str, ...] = ()
    between: tuple[str, ...] = ()


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
    whole = NotRead() if _AND_WHETHER.search(question.text) else _read(question, choices)
    if isinstance(whole, NotRead) and by_meaning and not _TWO_ASKS.search(question.text):
        whole = _like(question, choices) or whole
    has_events = isinstance(whole, Interpretation) and whole.fit.kind.n_events > 0
    may_be_text = has_events or has_plain_capitals(question.raw)
    quoted = with_bare_text(question) if isinstance(whole, NotRead) or may_be_text else None
    if quoted is not None:
        of_quoted = read(quoted, choices, by_meaning=by_meaning)
        if isinstance(of_quoted, Interpretation):
            return of_quoted
    if choices or isinstance(whole, Interpretation):
        return whole
    parts = _TWO_QUESTIONS.split(question.text)
    if len(parts) == 2:
        return _both_of(question, *parts) or whole
    for joint in _TWO_THINGS.finditer(question.text):
        parts = [question.text[: joint.start()], question.text[joint.end() :]]
        facts = [_read(_part_of(question, part), ()) for part in parts]
        if all(isinstance(it, Interpretation) and it.fit.kind.family in _OF_FILE for it in facts):
            return _both_of(question, *parts) or whole
    return whole


def _both_of(question: ParsedQuestion, first_part: str, second_part: str) -> Interpretation | None:
    """The answer to two questions; None if one of them is not read."""
    first = _read(_part_of(question, first_part), ())
    if isinstance(first, NotRead):
        return None
    # "and when does it end", "and when is the last one": what is meant stands in the first.
    tokens = tokens_of(first_part)
    things = " ".join(token.text for token in tokens if token.slots)
    words = " ".join(token.text for token in tokens if token.role == "content")
    named = [f"{second_part} {subject}" for subject in (things, words) if subject]
    is_of_file = first.fit.kind.family in _OF_FILE  # which "it" is then
    has_words = any(token.role == "content" for token in tokens_of(second_part))
    is_of_first = not has_words or (_PRONOUN.search(second_part) and not is_of_file)
    forms = named if is_of_first and named else [second_part, *named]
    seconds = (_read(_part_of(question, form), ()) for form in forms)
    second = next((reading for reading in seconds if isinstance(reading, Interpretation)), None)
    return None if second is None else Interpretation(first.fit, both(first.draft, second.draft))


def _part_of(question: ParsedQuestion, text: str) -> ParsedQuestion:
    """A part of a question that asks two things, with those of its times that the part names."""
    places = [int(hit[1]) for hit in IS_MARK.finditer(text)]
    renumbered = iter(range(len(places)))
    text = IS_MARK.sub(lambda _: mark(next(renumbered)), text)
    return replace(question, text=text, times=tuple(question.times[place] for place in places))


_AND_WHETHER = re.compile(r"\band (?:is|are|does|has) (?:there|it)\b(?! (?:then|also|still))")
_TWO_ASKS = re.compile(
    r"\band (?:at |in |for |from |by )?(?:how|when|what|which|where|who|until)\b"
)
_OF_FILE = ("file", "tracks")
_PRONOUN = re.compile(r"\b(?:one|it|they|them|that|those)\b")
_TWO_THINGS = re.compile(
    r",? (?:plus|and then|and also|then|and|as well as|along with|together with) (?:also )?"
)
_TWO_QUESTIONS = re.compile(
    r",? and (?=(?:how|when|what|which|where|who|is|are|does|do|at what|until when)\b)"
)


def _read(question: ParsedQuestion, choices: Sequence[str]) -> Interpretation | NotRead:
    """Read a question that asks one thing.

    Args:
        question: its words, times, quotations and video.
        choices: the answers to choose among.
    """
    found = _found(question, choices)
    # What is left of a question of order says more of its events: "which word is said first".
    whole = [
        pair
        for pair in found
        if pair[0].share >= LEAST
        and (not pair[0].left or pair[0].kind.n_events or pair[0].kind.not_beside)
    ]
    drafts: list[tuple[Fit, Draft]] = []
    for fit, form in whole:
        known = any(fit.kind is other.kind and fit.slots == other.slots for other, _ in drafts)
        draft = None if known else _draft(fit, form, question, choices)
        if draft is not None:
            drafts.append((fit, draft))
        if len(drafts) == _MOST_DRAFTS:
            break
    if not drafts:
        near = [pair for pair in found if pair[0].share >= LEAST]
        return NotRead(left=near[0][0].left if near else ())
    top = drafts[0][0]
    level = [
        (fit, draft)
        for fit, draft in drafts
        if len(fit.left) == len(top.left)
        and top.share - fit.share < MARGIN
        and top.matched - fit.matched < 2 * MARGIN
    ]

    def suits(pair: tuple[Fit, Draft]) -> tuple[bool, bool]:
        """Whether the file has what a program looks at, and whether it knows the options."""
        return (unfit(pair[1], question.video) is None, "options" in pair[0].slots)

    best, best_draft = max(level, key=suits)  # the first of several
    rivals = [
        other.reading
        for fit, other in level
        if other.body != best_draft.body
        and not _is_same_time(best, fit)
        and suits((fit, other)) == suits((best, best_draft))
    ]
    if rivals:
        return NotRead(between=(best_draft.reading, *dict.fromkeys(rivals)))
    return Interpretation(best, best_draft)


def _found(question: ParsedQuestion, choices: Sequence[str]) -> list[tuple[Fit, _Form]]:
    """The ways in which words alone let a question be read, the best first."""
    time = _time_kind(question)
    named = [TRACK] if question.track else []
    found = [
        (fit, form)
        for text in dict.fromkeys((question.text, _with_choices(question, choices)))
        for form in _forms(text, choices)
        for fit in fits((*tokens_of(form.text), *named), form.time_kind(time), question.given)[:40]
        if not fit.kind.excludes(question.text)
    ]
    return sorted(found, key=lambda pair: pair[0].rank, reverse=True)


def _like(question: ParsedQuestion, choices: Sequence[str]) -> Interpretation | None:
    """A question read as of the kind whose wording means the same; None if there is no one."""
    found = _found(question, choices)
    by_words = [fit for fit, form in found if not form.clause]
    like = nearest(question.text, _time_kind(question), question.given, by_words)
    if like is None:
        return None
    form = next((form for fit, form in found if fit is like), _Form(question.text))
    draft = _draft(like, form, question, choices)
    if draft is None:
        return None
    reading = f"{draft.reading} (Taken by its meaning.)"
    return Interpretation(like, replace(draft, reading=reading, by_meaning=True))


def _is_same_time(fit: Fit, other: Fit) -> bool:
    """Whether both ask when one and the same thing happens: from when on, or during which span."""
    names = [one.kind.name.rsplit(" ", 1) for one in (fit, other)]
    is_one = fit.kind.family == other.kind.family and names[0][0] == names[1][0]
    return is_one and {names[0][-1], names[1][-1]} <= {"begins", "when", "during"}


def _with_choices(question: ParsedQuestion, choices: Sequence[str]) -> str:
    """The question with those quotations that are choices as plain words."""
    plain = {choice.lower() for choice in choices}

    def word(hit: re.Match[str]) -> str:
        quote = question.quotes[int(hit[1])].lower()
        return quote if quote in plain else hit[0]

    return QUOTE_MARK.sub(word, question.text)


def _time_kind(question: ParsedQuestion) -> TimeKind:
    if not question.times:
        return "none"
    if len(question.times) > 1:
        return "two"
    return "at" if question.times[0].kind == "at" else "span"


@dataclass(frozen=True)
class _Form:
    """A question as it may be taken: what is left of it, and what was taken out.

    Attributes:
        text: what is left; a mark stands for the options.
        options: the answers, or the two events, that it names.
        clause: a clause that names its time.
        drops_times: whether the times that it names are its options.
    """

    text: str
    options: tuple[str, ...] = ()
    clause: str = ""
    drops_times: bool = False

    def time_kind(self, time: TimeKind) -> TimeKind:
        """Which times what is left of a question names."""
        if self.drops_times:
            return "none"
        return "at" if self.clause and time == "none" else time


def _forms(text: str, choices: Sequence[str]) -> Iterator[_Form]:
    """The question as it stands, with the options that it names as one mark, without a clause."""
    listed, text = text, text.replace(",", "")
    # "isn't there a dog?" asks for what "is there a dog?" asks for
    text = re.sub(r"^(is|are|was|were|do|does|did|can) not (there|you|we|one)\b", r"\1 \2", text)
    text = _IN_PICTURE.sub(r"where in the picture \1 \2", text)
    if IS_MARK.search(text):  # at an instant it is in one place of the picture
        text = _PLACE_THEN.sub("where in the picture ", text)
    several = _SEVERAL_TIMES.sub("list the ", text)
    yield _Form(several)
    if text.endswith(" at"):  # "cuts at?", "sound ends at?"
        name = text.removesuffix(" at")
        yield _Form(
            f"list the {name}" if name.endswith("s") and " " not in name else f"when {name}"
        )
    lowered = [choice.lower() for choice in choices]
    hits = [(text.find(choice), len(choice)) for choice in lowered if choice in text]
    if len(hits) >= 2:
        start, end = min(at for at, _ in hits), max(at + size for at, size in hits)
        yield _Form(f"{text[:start]} {OPTIONS_MARK} {text[end:]}", tuple(choices))
    elif choices and " or " not in text:
        yield _Form(f"{text} {OPTIONS_MARK}", tuple(choices))
    amount = _amount(text, choices)
    if amount is not None:
        yield amount
    for whole in dict.fromkeys((listed, text)):
        for start, end, options in _options(whole):
            if _EDGE_OF.search(whole[:start]):  # "the end of A or B" is of A alone
                continue
            if _OTHER_CLAUSE.search(whole):
                continue
            yield _Form(f"{whole[:start]} {OPTIONS_MARK} {whole[end:]}", options)
            if _SHOWS.match(whole) and start > 0:  # "does it show 5 or 6?": what, then?
                yield _Form(f"what {whole[:start]} {whole[end:]}")
    quoted = re.search(
        r"\bof (?:the )?(?:two |these |following )?(?:\w+ )?(quote\d+mark) and (quote\d+mark)\b",
        text,
    )
    if quoted is not None:
        rest = f"{text[: quoted.start()]} {OPTIONS_MARK} {text[quoted.end() :]}"
        yield _Form(rest, (quoted[1], quoted[2]))
    for rest, events in (*before_and_after(text), *time_between(text)):
        yield _Form(rest, events, drops_times=any(map(IS_MARK.search, events)))
    for rest, clause in time_clauses(text):
        yield _Form(rest, clause=clause)


def _amount(text: str, choices: Sequence[str]) -> _Form | None:
    """ "Are there 3 cuts or 4?" as "how many cuts are there", "is it at 2 s or 4 s?" as "when"."""
    if not choices:
        return None
    numbers = [_number_of(choice) for choice in choices]
    lengths = [read_length(choice.lower()) for choice in choices]
    if None not in lengths and _LASTING.search(text):
        named = rf"{_named(choices)}|\d+(?:\.\d+)? ?(?:s|secs?|seconds?|mins?|minutes?)?|or"
        amounts = rf"{IS_MARK.pattern}|\bfor (?=\d|optionsmark)|\b(?:{named})\b"
        rest = re.sub(amounts, " ", text)
        return _Form("how long " + _AUXILIARY.sub("", rest), drops_times=True)
    if all(number is not None for number in numbers):
        words = [word for word in text.split() if read_number(word) not in numbers or word == "a"]
        ways = "how many times" if text.endswith(" times") else "how many"
        return _Form(f"{ways} " + " ".join(word for word in words if word not in ("or", "times")))
    n_times = len(IS_MARK.findall(text))
    is_read = re.search(r"\b(?:clock|timer|timecode)\b", text)  # what it shows, not when
    has_digits = all(re.search(r"\d", choice) for choice in choices)
    if 0 < n_times <= len(choices) and has_digits and not is_read:
        rest = re.sub(rf"{IS_MARK.pattern}|{_named(choices)}|\bor\b|,", " ", text)
        return _Form("when " + _AUXILIARY.sub("", rest), drops_times=True)
    return None


_PLACE_THEN = re.compile(
    r"\bwhere(?:abouts)? (?!in the )(?=(?:is|are|was|were|do|does|did|stands|sits)\b)"
)
_IN_PICTURE = re.compile(
    r"^where (is|are|does|do|was|were|stands|sits) (.*?) (?:in|on|within|inside) (?:the )?"
    r"(?:picture|frame|image|screen|shot|view)\b"
)


def _named(choices: Sequence[str]) -> str:
    return "|".join(re.escape(choice.lower()) for choice in choices)


_OTHER_CLAUSE = re.compile(r"\bor (?:is|are|was|were|do|does|did|has|have) (?:it|they|he|she)\b")
"""A second question, not a second answer: "live, or is it dubbed?"."""
_EDGE_OF = re.compile(r"\b(?:end|start|beginning|onset)(?: of)?(?: the)? $")
_LASTING = re.compile(
    r"\bfor (?:about )?(?:\d|time\d+mark)|\b(?:seconds?|secs?|s|minutes?) (?:of|long)\b"
    r"|\blong\b|\blasts?\b"
)
"""How long something is, not when."""
_SEVERAL_TIMES = re.compile(
    r"^when (?:are|were|do|did) (?:the |all the )?(?=(?:\w+ )?(?:cuts|edits|changes|transitions|"
    r"fades|dissolves|beeps|bleeps|flashes|pauses|silences)\b)"
)
"""What there may be several of: all of them are meant."""
_SHOWS = re.compile(
    r"^(?:is|are|was|were|does|do|did) .*\b(?:shows?|says?|reads?|displays?|it|that)\b"
)
_AUXILIARY = re.compile(r"^(?:is|are|was|were|does|do|did) ")


def _draft(fit: Fit, form: _Form, question: ParsedQuestion, choices: Sequence[str]) -> Draft | None:
    """The program of an interpretation; None if an event that it needs is not understood."""
    texts = form.options[: fit.kind.n_events] if fit.kind.n_events else (form.clause,)
    if fit.kind.n_events and len(form.options) != fit.kind.n_events:
        return None
    context = " ".join(fit.left)
    events = [
        event_of(text.lower(), number, question, context)
        for number, text in enumerate(texts, 1)
        if text
    ]
    if any(event is None for event in events):
        return None
    options = [
        QUOTE_MARK.sub(lambda hit: question.quotes[int(hit[1])], option)
        for option in form.options or choices
    ]
    if not all(_is_option(option, fit, choices) for option in options):
        return None
    if fit.kind.options_are == "word" and yes_and_no(options):
        return None  # whether, and not which of the two words
    times = () if form.drops_times else question.times
    if fit.kind.not_beside and not _settled(fit, options):
        return None
    values = values_of(fit, times, question.quotes, options, question.video, question.part)
    if question.track:
        values |= question.track.values
    known = [event for event in events if event is not None]
    draft = draft_of(fit, values, times, choices, known)
    is_number = bool(choices) and None not in map(_number_of, choices)
    if fit.kind.name.endswith(" list") and is_number:
        return None  # how many there are is asked for
    if question.track and draft.tasks == ("probe",) and "track" not in fit.slots:
        return None  # a fact of the whole file is none of the track
    return draft


def _number_of(choice: str) -> float | None:
    """The number that a choice is: "3", "three times", "at 3"."""
    return read_number(re.sub(r"^at |(?<=\w) times?$", "", choice.lower()).strip())


def _is_option(option: str, fit: Fit, choices: Sequence[str]) -> bool:
    """Whether a text can be an option of a kind."""
    if fit.kind.options_are == "said":  # the wording says so; whatever else the words mean
        return True
    tokens = tokens_of(option.lower(), is_question=False)
    if fit.kind.options_are == "word":
        # One that was cut out of a question may only be what could be said or written.
        return option in choices or all(
            token.role == "content"
            and token.meanings <= {stem(token.text)}
            and "nth" not in token.slots
            for token in tokens
        )
    content = [token for token in tokens if token.role == "content"]
    return not fit.kind.options_are or (
        any(fit.kind.options_are in token.slots for token in content)
        and all(
            fit.kind.options_are in token.slots or token.meanings & fit.kind.also
            for token in content
        )
    )


def _settled(fit: Fit, options: Sequence[str]) -> bool:
    """Whether the options alone settle the answer: different things, nothing said against it."""
    things = [thing_named(option) for option in options]
    beside = {meaning for word in fit.left for meaning in tokens_of(word)[0].meanings}
    different = len(set(things)) == len(things) > 1 and None not in things
    return different and not beside & fit.kind.not_beside


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
            if any(_CLAUSE_IN.search(option) for option in options):
                continue  # "is the light red or green when it moves": no names, but all of it
            if not any(IS_MARK.search(option) or option in _ORDER for option in options):
                yield hit.start(), hit.end(), tuple(_plain(option) for option in options)


_CLAUSE_IN = re.compile(
    r"^(?:is|are|was|were|does|do|did) (?:the|a|an) |\b(?:when|while|whilst|before|after|until)\b"
)
_ORDER = frozenset({"first", "earlier", "sooner", "last", "later"})
"""Not the first of the options that follow: "which comes first, this or that"."""


def _plain(option: str) -> str:
    return re.sub(
        r"^(?:(?:on|in|at|to|towards?|from|by|for) )?(?:the|a|an) |^(?:in|to) ", "", option
    )
