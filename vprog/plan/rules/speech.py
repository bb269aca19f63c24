"""Speech: whether and when somebody speaks, what is said, when a word falls and how often.

Words from subtitles are facts. Words from a recogniser count only from FACT upwards; a
word that it did not hear may still have been said, so "no" is answered from subtitles only.
"""

from __future__ import annotations

import re

from vprog.plan.rules.draft import Draft, Kind
from vprog.plan.rules.question import QUOTE, Question
from vprog.plan.rules.spans import during, span_argument
from vprog.plan.rules.words import FIRST, LAST, START, STOP, words

FAMILY = "speech"
FACT = 0.5
"""Recognised speech scored lower is not a fact; the transcribing module's score is meant."""

_TALK = words("speak speaks speaking spoken talk talks talking talked say says said saying speech "
              "dialogue dialog narration voice voices conversation monologue")  # fmt: skip
_HEAR = words("hear heard audible utter uttered uttering mention mentions mentioned mentioning name used "
              "uses use pronounce pronounced")  # fmt: skip
_WHO = words("anyone anybody someone somebody person people speaker speakers they he she narrator "
             "voice-over man woman human who")  # fmt: skip
_THING = words("word words phrase term name thing things sentence line lines")
_BESIDE = words(
    "ever point at any up in come comes be being can out loud aloud audio sound track go"
)


def write_speech(question: Question) -> Draft | None:
    """A program about speech, or None if the question asks for something else."""
    if not question.has(_TALK | _HEAR):
        return None
    for rule in (_order, _word, _anyone, _edges, _how_long, _what):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _draft(reading: str, body: str, kind: Kind, evidence: str, slack: float = 0.0) -> Draft:
    return Draft(FAMILY, reading, body, kind, evidence, ("transcribe", "find_speech"), slack)


def heard(span: str = "") -> str:
    """Program text that leaves in `speech` what was said for sure."""
    return f'speech = [part for part in transcribe(video{span}) if part.source == "subtitles" or part.score >= {FACT}]\n'


SAID = """\
def said(parts: list[Speech], wanted: list[str]) -> list[Span]:
    # Where the words stand, by word times if there are any, else by the whole piece.
    found: list[Span] = []
    for part in parts:
        timed = part.words
        texts = ["".join(words_of(word.text)) for word in timed] if timed else words_of(part.text)
        for i in range(len(texts) - len(wanted) + 1):
            if texts[i : i + len(wanted)] == wanted:
                found.append(Span(timed[i].start, timed[i + len(wanted) - 1].end) if timed else Span(part.start, part.end))
    return found


"""


def _wanted(question: Question) -> tuple[str, str] | None:
    """The word or phrase that is looked for, and what is left of the question's words."""
    if len(question.quotes) == 1:
        return question.quotes[0], question.text
    if question.quotes:
        return None
    bare = re.search(
        r"\b(?:say|says|saying|mention|mentions|mentioning|hear|the word|the name)(?: the word| the name| the| a| an)? "
        r"(?P<word>[a-z][a-z-]*)(?: at all| ever| anywhere)?$",
        question.text,
    )
    if bare is None:
        bare = re.search(
            r"^(?:is |was )?(?:the (?:word|name) )?(?P<word>[a-z][a-z-]*) (?:ever )?(?:said|spoken|mentioned|heard|uttered)$",
            question.text,
        )
    if bare and bare["word"] not in _NOT_WORDS:
        start, end = bare.span("word")
        return bare["word"], f"{question.text[:start]}{QUOTE}{question.text[end:]}"
    return None


_NOT_WORDS = words("anything something nothing words speech it that this first last then next speaking talking "
                   "music anyone someone voices him her them people said spoken mentioned heard")  # fmt: skip


def _word(question: Question) -> Draft | None:
    """Whether, when and how often a word is said."""
    wanted = _wanted(question)
    if (
        wanted is None
        or question.ask not in ("yes or no", "when", "count")
        or len(question.times) > 1
    ):
        return None
    word, text = wanted
    if not re.search(r"\w", word):
        return None
    beside = {QUOTE} | ({word} if QUOTE not in question.text else set())
    if not question.only(
        _TALK,
        _HEAR,
        _WHO,
        _THING,
        _BESIDE,
        FIRST,
        LAST,
        beside,
        words("times time often many number once all"),
    ):
        return None
    if question.has(words("once")):
        return None
    if question.ask == "count" and not re.match(
        r"(?:\w+ )?(?:times|often)\b|time\b|mentions|instances", question.text
    ):
        return None
    if question.ask == "count" and question.has(FIRST | LAST):
        return None
    span = span_argument(
        question.when, 0.3 if question.when and question.when.kind == "at" else 0.0
    )
    body = f"{SAID}{heard(span)}wanted = words_of({word!r})\nfound = said(speech, wanted)\n"
    evidence = "[part for part in found[:20]]"
    if question.ask == "yes or no":
        if question.has(FIRST | LAST):
            return None
        body += (
            'if not found and not [part for part in speech if part.source == "subtitles"]:\n'
            '    abstain("the recogniser did not hear it, which does not show that it was not said")\n'
            "value = len(found) > 0"
        )
        evidence = "found[:20] or [part for part in speech[:20]]"
        if not question.video.has_subtitles and not question.video.has_audio:
            return None
        return _draft(
            f"Whether {word!r} is said{during(question.when)}.", body, "yes or no", evidence
        )
    if question.ask == "count":
        body += (
            'if [part for part in speech if part.source != "subtitles"] or not speech:\n'
            '    abstain("a count of words needs subtitles; a recogniser misses some")\n'
            "value = len(found)"
        )
        return _draft(
            f"How often {word!r} is said{during(question.when)}.", body, "number", evidence
        )
    place = "found[-1]" if question.has(LAST) else "found[0]"
    body += f'if not found:\n    abstain("the word was not found in what is said")\nvalue = {place}'
    return _draft(f"When {word!r} is said{during(question.when)}.", body, "span", f"[{place}]", 1.0)


def _order(question: Question) -> Draft | None:
    """Whether one word is said before or after another."""
    if question.ask != "yes or no" or len(question.quotes) != 2 or question.times:
        return None
    relation = re.search(rf"{QUOTE}.*\b(before|after)\b.*{QUOTE}", question.text)
    if relation is None or not question.only(
        _TALK, _HEAR, _WHO, _THING, _BESIDE, {QUOTE, "before", "after", "earlier", "than", "later"}
    ):  # fmt: skip
        return None
    sign = "<" if relation[1] == "before" else ">"
    first, second = question.quotes
    body = (
        f"{SAID}{heard()}"
        f"first = said(speech, words_of({first!r}))\n"
        f"second = said(speech, words_of({second!r}))\n"
        "if not first or not second:\n"
        '    abstain("one of the two was not found in what is said")\n'
        f"value = first[0].start {sign} second[0].start"
    )
    return _draft(
        f"Whether {first!r} is said {relation[1]} {second!r}.",
        body,
        "yes or no",
        "[first[0], second[0]]",
    )


def _talking(question: Question) -> tuple[str, str]:
    """Program text that leaves in `spoken` the stretches of speech, and what they are."""
    around = 0.3 if question.when and question.when.kind == "at" else 0.0
    span = span_argument(question.when, around)
    if question.video.has_subtitles:
        return f"spoken = transcribe(video{span})\n", "by the subtitles"
    return f"spoken = find_speech(video{span})\n", "by voice activity"


def _anyone(question: Question) -> Draft | None:
    """Whether anybody speaks."""
    if question.ask != "yes or no" or question.quotes or len(question.times) > 1:
        return None
    nobody = question.says("no one|nobody|no (?:speech|dialogue|voices?|talking)|nothing")
    if not question.has(_TALK | words("voice voices")) or question.has(words("not")):
        return None
    if question.has(words("mention mentions mentioned name")):
        return None
    beside = words("no one nobody nothing") if nobody else words("anything something")
    if not question.only(
        _TALK,
        words("hear heard audible"),
        _WHO - words("he she man woman who"),
        _BESIDE,
        words("words"),
        beside,
    ):
        return None
    call, how = _talking(question)
    if not question.video.has_audio and not question.video.has_subtitles:
        call, how = "spoken: list[Event] = []  # the file has no sound track\n", "there is no sound"
    body = f"{call}value = len(spoken) {'==' if nobody else '>'} 0"
    return _draft(
        f"Whether {'nobody' if nobody else 'somebody'} speaks{during(question.when)}, {how}.",
        body,
        "yes or no",
        "[part for part in spoken[:20]]",
    )


def _edges(question: Question) -> Draft | None:
    """When the speech starts or ends."""
    if question.ask != "when" or question.quotes or question.times or not question.has(_TALK):
        return None
    if not question.only(
        _TALK, words("hear heard"), _WHO, START, STOP, FIRST, LAST, words("words word in to")
    ):
        return None
    if not (question.video.has_audio or question.video.has_subtitles):
        return None
    last = question.has(STOP | LAST)
    if last and question.has(FIRST | START):
        return None
    call, how = _talking(question)
    chosen = "spoken[-1]" if last else "spoken[0]"
    edge = "end" if last else "start"
    body = (
        f"{call}if not spoken:\n"
        '    abstain("no speech was found")\n'
        f"value = round({chosen}.{edge}, 2)"
    )
    return _draft(f"When the speech {edge}s, {how}.", body, "seconds", f"[{chosen}]", 1.0)


def _how_long(question: Question) -> Draft | None:
    """How long somebody speaks altogether."""
    if question.ask != "how long" or question.quotes or len(question.times) > 1:
        return None
    if not question.has(_TALK) or not question.only(
        _TALK, _WHO - words("he she man woman who"), words("for total altogether last lasts time")
    ):
        return None
    if not (question.video.has_audio or question.video.has_subtitles):
        return None
    call, how = _talking(question)
    body = f"{call}value = round(sum([duration(part) for part in union([span_of(each) for each in spoken])]), 2)"
    return _draft(
        f"How long there is speech{during(question.when)}, {how}.",
        body,
        "seconds",
        "[part for part in spoken[:20]]",
        1.0,
    )


def _what(question: Question) -> Draft | None:
    """What is said: at a time, first, last, or altogether."""
    if question.ask != "what" or question.quotes or len(question.times) > 1:
        return None
    if question.ask_words in ("who", "whose", "how") or question.has(
        words("voice voices name about")
    ):
        return None
    if not question.has(_TALK) or not question.only(
        _TALK,
        words("hear heard"),
        _WHO - words("who"),
        _THING,
        _BESIDE,
        FIRST,
        LAST,
        words("transcript transcribe out very"),
    ):
        return None
    if not (question.video.has_audio or question.video.has_subtitles):
        return None
    first, last = question.has(FIRST), question.has(LAST)
    when = question.when
    if (first and last) or (when and when.kind == "at" and (first or last)):
        return None
    body = heard(span_argument(when if when and when.kind == "within" else None))
    if when is not None and when.edge == "start" and when.kind == "at":
        body += "speech = [part for part in speech if part.start <= 3.0][:1]\n"
    elif when is not None and when.edge == "end" and when.kind == "at":
        body += (
            f"speech = [part for part in speech if part.end >= {round(when.end - 3.0, 3)!r}][-1:]\n"
        )
    elif when is not None and when.kind == "at":
        low, high = round(when.start - 0.2, 3), round(when.start + 0.2, 3)
        body += f"speech = [part for part in speech if part.start <= {high!r} and part.end >= {low!r}]\n"
    elif first:
        body += "speech = speech[:1]\n"
    elif last:
        body += "speech = speech[-1:]\n"
    if (first or last) and question.has(words("word")):
        end = "0" if first else "-1"
        value = f"words_of(speech[{end}].text)[{end}]"
    else:
        value = '" ".join([part.text for part in speech])'
    body += (
        "if not speech:\n"
        '    abstain("nothing was heard there that is sure enough to be quoted")\n'
        f"value = {value}"
    )
    what = "What is said first" if first else "What is said last" if last else "What is said"
    return _draft(f"{what}{during(when)}.", body, "text", "[part for part in speech[:20]]")
