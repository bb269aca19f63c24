"""Words in speech: whether, when, how often one is said, and which of two comes first.

Words from subtitles are facts. Words from a recogniser count only from FACT upwards; a
word that it did not hear may still have been said, so "no" is answered from subtitles only.
"""

from __future__ import annotations

import re

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import QUOTE, ParsedQuestion
from vprog.rules.span_words import during, span_argument
from vprog.rules.word_forms import FIRST, LAST, words

FACT = 0.7
"""A word that a recogniser scores lower is a guess. A little under what the module calls a
fact: that the question asks for just this word speaks for it too."""
TALK = words(
    "speak speaks speaking spoken talk talks talking talked say says said saying speech "
    "dialogue dialog narration voice voices conversation monologue"
)
HEAR = words(
    "hear heard audible utter uttered uttering mention mentions mentioned mentioning name "
    "used "
    "uses use pronounce pronounced"
)
WHO = words("anyone anybody someone somebody person people speaker speakers they he she  who")
THING = words("word words phrase term name thing things sentence line lines")
BESIDE = words(
    "ever point at any up in come comes be being can out loud aloud audio sound track go"
)


OF_SEVERAL = r"(?:first|last|final|latest) (?:person|people|speaker|one|human)"
"""One of several speakers: who speaks is not known here."""


def write_spoken(question: ParsedQuestion) -> Draft | None:
    """A program that looks for words in speech, or None."""
    if not question.has(TALK | HEAR):
        return None
    return _order(question) or _word(question)


def speech_draft(
    reading: str, body: str, kind: Kind, evidence: str, tolerance: float = 0.0
) -> Draft:
    return Draft(reading, body, kind, evidence, ("transcribe", "find_speech"), tolerance)


SAID = f"""\
def said(parts: list[Speech], wanted: list[str], least: float = {FACT}) -> list[Span]:
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


def _wanted(question: ParsedQuestion) -> str | None:
    """The word or phrase that is looked for."""
    if len(question.quotes) == 1:
        return question.quotes[0]
    if question.quotes:
        return None
    bare = re.search(
        r"\b(?:say|says|saying|mention|mentions|mentioning|hear|the word|the name)(?: the "
        r"word| the name| the| a| an)? "
        r"(?P<word>[a-z][a-z-]*)(?: at all| ever| anywhere)?$",
        question.text,
    )
    if bare is None:
        bare = re.search(
            r"^(?:is |was )?(?:the (?:word|name) )?(?P<word>[a-z][a-z-]*) (?:ever "
            r")?(?:said|spoken|mentioned|heard|uttered)$",
            question.text,
        )
    if bare and bare["word"] not in _NOT_WORDS:
        return bare["word"]
    return None


_NOT_WORDS = words(
    "anything something nothing words speech it that this first last then next speaking "
    "talking "
    "music anyone someone voices him her them people said spoken "
    "mentioned heard"
)


def _word(question: ParsedQuestion) -> Draft | None:
    """Whether, when and how often a word is said."""
    word = _wanted(question)
    if (
        word is None
        or question.says(OF_SEVERAL)
        or question.ask not in ("yes or no", "when", "count")
        or len(question.times) > 1
    ):
        return None
    if not re.search(r"\w", word):
        return None
    beside = {QUOTE} if question.quotes else {word}
    if not question.only(
        TALK,
        HEAR,
        WHO,
        THING,
        BESIDE,
        FIRST,
        LAST,
        beside,
        words("times time often many number once"),
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
    around = 0.3 if question.when and question.when.kind == "at" else 0.0
    span = span_argument(question.when, question.video.duration, around)
    body = (
        f"{SAID}speech = transcribe(video{span})\nwanted = words_of({word!r})\nfound = "
        f"said(speech, wanted)\n"
    )
    evidence = "[part for part in found[:20]]"
    if question.ask == "yes or no":
        if question.has(FIRST | LAST):
            return None
        body += (
            'if not found and not [part for part in speech if part.source == "subtitles"]:\n'
            '    abstain("the recogniser did not hear it, which does not show that it '
            'was not said")\n'
            "value = len(found) > 0"
        )
        evidence = "found[:20]"
        return speech_draft(
            f"Whether {word!r} is said{during(question.when)}.", body, "yes or no", evidence
        )
    if question.ask == "count":
        body += (
            'if [part for part in speech if part.source != "subtitles"] or not speech:\n'
            '    abstain("a count of words needs subtitles; a recogniser misses some")\n'
            "value = len(found)"
        )
        return speech_draft(
            f"How often {word!r} is said{during(question.when)}.", body, "number", evidence
        )
    place = "found[-1]" if question.has(LAST) else "found[0]"
    body += (
        "if not found:\n"
        "    n_words = sum([len(words_of(part.text)) for part in speech])\n"
        "    unsure = len(said(speech, wanted, 0.0))\n"
        '    abstain(f"{n_words} words were heard or read there; this one is {unsure} times '
        f'among them, with a score under {FACT}")\n'
        f"value = {place}"
    )
    return speech_draft(
        f"When {word!r} is said{during(question.when)}.", body, "span", f"[{place}]", 1.0
    )


def _order(question: ParsedQuestion) -> Draft | None:
    """Whether one word is said before or after another."""
    if question.ask != "yes or no" or len(question.quotes) != 2 or question.times:
        return None
    relation = re.search(rf"{QUOTE}.*\b(before|after)\b.*{QUOTE}", question.text)
    if relation is None or not question.only(
        TALK, HEAR, WHO, THING, BESIDE, {QUOTE, "before", "after", "earlier", "than", "later"}
    ):
        return None
    sign = "<" if relation[1] == "before" else ">"
    first, second = question.quotes
    body = (
        f"{SAID}speech = transcribe(video)\n"
        f"first = said(speech, words_of({first!r}))\n"
        f"second = said(speech, words_of({second!r}))\n"
        "if not first or not second:\n"
        f'    abstain("of the two, {{}} was heard or read with a score of {FACT} or more".format('
        '"only the first" if first else "only the second" if second else "neither"))\n'
        f"value = first[0].start {sign} second[0].start"
    )
    return speech_draft(
        f"Whether {first!r} is said {relation[1]} {second!r}.",
        body,
        "yes or no",
        "[first[0], second[0]]",
    )


FAMILY = RuleFamily("speech", 110, write_spoken)
