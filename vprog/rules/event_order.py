"""Which of two events comes first, and whether one comes before or after the other.

The two sides of the question are read one by one, each with its own strictness: a side
that is no known event makes the whole question unanswerable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily
from vprog.rules.measures import BLACK, EXTREME_WORDS, SILENT, levels_call, measured, which_extreme
from vprog.rules.question_text import QUOTE, ParsedQuestion
from vprog.rules.states import state_call
from vprog.rules.word_forms import FIRST, PEOPLE, PICTURE, SEE, SOUND, START, words

SAID = """\
def said(parts: list[Speech], wanted: list[str], least: float = 0.7) -> list[Span]:
    # By word times where a recogniser gives them and is sure enough, else by the whole piece.
    found: list[Span] = []
    wanted = [folded(word) for word in wanted]
    for part in parts:
        timed = part.words
        texts = ["".join(words_of(word.text)) for word in timed] if timed else words_of(part.text)
        texts = [folded(text) for text in texts]
        for i in range(len(texts) - len(wanted) + 1):
            if texts[i : i + len(wanted)] != wanted:
                continue
            heard = timed[i : i + len(wanted)]
            if not heard:
                found.append(Span(part.start, part.end))
            elif min([word.score for word in heard]) >= least:
                found.append(Span(heard[0].start, heard[-1].end))
    return found


"""

TEXT = words(
    "text texts writing written words word caption captions title titles letters lettering line "
    "lines label inscription watermark overlay sentence phrase name string readable burnt-in "
    "on-screen onscreen credits"
)
PLAIN = """\
def plain(text: str) -> str:
    return "".join([letter for letter in folded(text) if letter.isalnum()])


"""


def text_rate(duration: float) -> float:
    """Frames a second to look for text: fine on short videos, coarse on long ones."""
    if duration <= 12:
        return 10.0
    return 4.0 if duration <= 60 else 2.0


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
        reason = f"nothing was found of what the order needs: {event.what}"
        lines += f"if not {name}:\n    abstain({reason!r})\n"
    lines += "".join(
        f"{moment} = {event.time.format(name=name)}\n"
        for event, name, moment in zip(events, ("one", "other"), ("first", "second"), strict=True)
    )
    return "".join(setups) + lines, "[one[0], other[0]]"


SAY = words(
    "say says said spoken speak spoke mention mentioned mentions heard hear speaker utter uttered"
)


@dataclass(frozen=True)
class EventMention:
    """An event as a program finds it.

    Attributes:
        what: its name in the interpretation.
        label: what the program answers if this event is the one asked for.
        setup: helper functions that the lines need.
        lines: program text with `{name}` for a list of what was found, in order of time.
        time: an expression with `{name}`: when the event is.
        task: the module that is called.
    """

    what: str
    label: str
    setup: str
    lines: str
    time: str
    task: str


def question_like(question: ParsedQuestion, text: str) -> ParsedQuestion:
    """The question with other words: for reading a part of it by the same rules."""
    tokens = tuple(word for word in text.split() if not re.fullmatch(r"time\d+mark", word))
    return replace(question, text=text, tokens=tokens)


def read_event(
    question: ParsedQuestion, text: str, quotes: list[str], context: str
) -> EventMention | None:
    """The event that a part of a question names, or None."""
    part = replace(question_like(question, text), quotes=tuple(quotes))
    duration = question.video.duration
    if len(quotes) == 1:
        return _quoted(part, quotes[0], context)
    if quotes:
        return None
    extreme = which_extreme(part)
    if extreme is not None:
        quantity, high = extreme
        if part.only(
            *EXTREME_WORDS,
            quantity.subject,
            words("get gets come comes become becomes moment point there"),
            SOUND if quantity.sound else PICTURE,
        ):
            name = f"the {'highest' if high else 'lowest'} {quantity.name}"
            lines = (
                f"levels_{{name}} = {levels_call(quantity, None, duration)}\n"
                f"{measured('levels_{name}', quantity)}"
                f"{{name}} = [{'highest' if high else 'lowest'}(levels_{{name}})]\n"
                f"if highest(levels_{{name}}).value - lowest(levels_{{name}}).value < "
                f"{quantity.least_change!r}:\n"
                f'    abstain("the {quantity.name} hardly changes")\n'
            )
            return EventMention(name, _label(text), "", lines, "{name}[0].time", quantity.task)
        return None
    go = words(
        "go goes turn turns become becomes fade fades start starts begin begins gets get "
        "stretch moment to"
    )
    if part.has(SILENT) or (part.has(SOUND) and part.has(words("stop stops end ends"))):
        if part.only(SILENT, SOUND, go, FIRST, words("stop stops end ends track")):
            return EventMention(
                "silence",
                _label(text),
                "",
                f"{{name}} = {state_call('silence', duration)}\n",
                "{name}[0].start",
                "find_silence",
            )
        return None
    if part.has(BLACK):
        if part.only(BLACK, PICTURE, go, words("come comes"), FIRST, words("blank")):
            return EventMention(
                "a black picture",
                _label(text),
                "",
                f"{{name}} = {state_call('black', duration)}\n",
                "{name}[0].start",
                "find_black",
            )
        return None
    if part.has(PEOPLE) and not part.has(SAY | words("talk talks talking speaking")):
        if part.only(PEOPLE, SEE, FIRST, PICTURE, words("enter enters up")):
            return EventMention(
                "somebody in the picture",
                _label(text),
                "",
                '{name} = [person for person in track(video, "person") if person.score >= 0.3]\n',
                "min([person.span.start for person in {name}])",
                "track",
            )
        return None
    if part.has(words("speech talking speaking dialogue speak speaks talk talks voice")):
        if part.only(
            words("speech talking speaking dialogue speak speaks talk talks voice"),
            PEOPLE,
            START,
            FIRST,
        ):
            heard = "transcribe" if question.video.has_subtitles else "find_speech"
            return EventMention(
                "speech",
                _label(text),
                "",
                f"{{name}} = {heard}(video)\n",
                "{name}[0].start",
                heard,
            )
        return None
    for word, opening in (("dissolve", "dissolve"), ("fade", "fade"), ("cut", "cut")):
        if part.has({word}) and part.only({word}, FIRST, START, words("hard")):
            return EventMention(
                f"the first {word}",
                _label(text),
                "",
                f'{{name}} = [shot for shot in find_shots(video) if shot.opening == "{opening}"]\n',
                "{name}[0].start",
                "find_shots",
            )
    if part.has(TEXT) and part.only(
        TEXT - words("word words name title titles"), SEE, FIRST, PICTURE, START
    ):
        return EventMention(
            "text in the picture",
            _label(text),
            "",
            f"{{name}} = find_text(video, fps={text_rate(duration)!r})\n",
            "min([item.start for item in {name}])",
            "find_text",
        )
    return None


def _quoted(part: ParsedQuestion, quote: str, context: str) -> EventMention | None:
    """A quotation is spoken if the question speaks of saying, else it is read."""
    if not part.only(
        {QUOTE},
        TEXT,
        SAY,
        SEE,
        PICTURE,
        PEOPLE,
        FIRST,
        words("word phrase speaker number come comes he she"),
    ):
        return None
    spoken = re.search(rf"\b(?:{'|'.join(sorted(SAY))})\b", context)
    if spoken:
        setup = SAID
        lines = f"{{name}} = said(transcribe(video), words_of({_braced(quote)}))\n"
        return EventMention(
            f"the words {quote!r}", quote, setup, lines, "{name}[0].start", "transcribe"
        )
    lines = (
        f"{{name}} = [span for span in find_text(video, fps={text_rate(part.video.duration)!r}) "
        f"if plain({_braced(quote)}) in plain(span.text)]\n"
    )
    return EventMention(
        f"the text {quote!r}",
        quote,
        PLAIN,
        lines,
        "min([item.start for item in {name}])",
        "find_text",
    )


def _braced(text: str) -> str:
    """The text as a literal that stands unchanged after `str.format`."""
    return repr(text).replace("{", "{{").replace("}", "}}")


def _label(text: str) -> str:
    """The side of the question as an answer: without the article and the marks."""
    return re.sub(r"^(?:is |are |does |do )?(?:the |a |an )?", "", text.strip())


FAMILY = RuleFamily("order", 10, write_order)
