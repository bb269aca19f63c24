"""Speech: whether somebody speaks, from when to when, for how long, and what is said."""

from __future__ import annotations

from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during, span_argument
from vprog.rules.spoken_words import BESIDE, HEAR, OF_SEVERAL, TALK, THING, WHO, speech_draft
from vprog.rules.word_forms import FIRST, LAST, START, STOP, words

QUOTED = 0.75
"""What is said is quoted only if the recogniser scores every word of it so high."""


def write_speech(question: ParsedQuestion) -> Draft | None:
    """A program about speech, or None if the question asks for something else."""
    if not question.has(TALK | HEAR):
        return None
    for rule in (_anyone, _edges, _how_long, _what):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def _talking(question: ParsedQuestion) -> tuple[str, str]:
    """Program text that leaves in `spoken` the spans of speech, and what they are."""
    around = 0.3 if question.when and question.when.kind == "at" else 0.0
    span = span_argument(question.when, question.video.duration, around)
    if question.video.has_subtitles:
        return f"spoken = transcribe(video{span})\n", "by the subtitles"
    return f"spoken = find_speech(video{span})\n", "by voice activity"


def _anyone(question: ParsedQuestion) -> Draft | None:
    """Whether anybody speaks."""
    if question.ask != "yes or no" or question.quotes or len(question.times) > 1:
        return None
    nobody = question.says("no one|nobody|no (?:speech|dialogue|voices?|talking)|nothing")
    if not question.has(TALK | words("voice voices")) or question.has(words("not")):
        return None
    if question.has(words("mention mentions mentioned name")):
        return None
    beside = words("no one nobody nothing") if nobody else words("anything something")
    if not question.only(
        TALK,
        words("hear heard audible"),
        WHO - words("he she who"),
        BESIDE,
        words("words"),
        beside,
    ):
        return None
    call, how = _talking(question)
    if not question.video.has_audio and not question.video.has_subtitles:
        call, how = "spoken: list[Event] = []  # the file has no sound track\n", "there is no sound"
    body = f"{call}value = len(spoken) {'==' if nobody else '>'} 0"
    return speech_draft(
        f"Whether {'nobody' if nobody else 'somebody'} speaks{during(question.when)}, {how}.",
        body,
        "yes or no",
        "[part for part in spoken[:20]]",
    )


def _edges(question: ParsedQuestion) -> Draft | None:
    """When the speech starts or ends."""
    if question.ask != "when" or question.quotes or question.times or not question.has(TALK):
        return None
    if not question.only(
        TALK, words("hear heard"), WHO, START, STOP, FIRST, LAST, words("words word in to")
    ):
        return None
    if question.says(OF_SEVERAL):
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
    return speech_draft(f"When the speech {edge}s, {how}.", body, "seconds", f"[{chosen}]", 1.0)


def _how_long(question: ParsedQuestion) -> Draft | None:
    """How long somebody speaks altogether."""
    if question.ask != "how long" or question.quotes or len(question.times) > 1:
        return None
    if not question.has(TALK) or not question.only(
        TALK, WHO - words("he she who"), words("for total altogether last lasts time")
    ):
        return None
    call, how = _talking(question)
    body = (
        f"{call}value = "
        f"round(sum([duration(part) for part in union([span_of(speech) for speech in spoken])]), "
        f"2)"
    )
    return speech_draft(
        f"How long there is speech{during(question.when)}, {how}.",
        body,
        "seconds",
        "[part for part in spoken[:20]]",
        1.0,
    )


def _what(question: ParsedQuestion) -> Draft | None:
    """What is said: at a time, first, last, or altogether."""
    if question.ask != "what" or question.quotes or len(question.times) > 1:
        return None
    if question.ask_words in ("who", "whose", "how") or question.has(
        words("voice voices name about")
    ):
        return None
    if not question.has(TALK) or not question.only(
        TALK,
        words("hear heard"),
        WHO - words("who"),
        THING,
        BESIDE,
        FIRST,
        LAST,
        words("transcript transcribe out very"),
    ):
        return None
    if question.says(OF_SEVERAL):
        return None
    first, last = question.has(FIRST), question.has(LAST)
    when = question.when
    if (first and last) or (when and when.kind == "at" and (first or last)):
        return None
    within = when if when and when.kind == "within" else None
    span = span_argument(within, question.video.duration)
    body = f"speech = transcribe(video{span})\n"
    if when is not None and when.edge == "start" and when.kind == "at":
        body += "speech = [part for part in speech if part.start <= 3.0][:1]\n"
    elif when is not None and when.edge == "end" and when.kind == "at":
        body += (
            f"speech = [part for part in speech if part.end >= {round(when.end - 3.0, 3)!r}][-1:]\n"
        )
    elif when is not None and when.kind == "at":
        low, high = round(when.start - 0.2, 3), round(when.start + 0.2, 3)
        body += (
            f"speech = "
            f"[part for part in speech if part.start <= {high!r} and part.end >= {low!r}]\n"
        )
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
        '    abstain("nothing was heard as speech, or read in subtitles, at that time")\n'
        "scores = [word.score for part in speech for word in part.words]\n"
        f"weak = len([score for score in scores if score < {QUOTED}])\n"
        "if weak:  # subtitles have no scores: they are facts\n"
        '    abstain(f"{len(scores)} words were heard, {weak} of them with a score under '
        f'{QUOTED}: not sure enough to be quoted")\n'
        f"value = {value}"
    )
    what = "What is said first" if first else "What is said last" if last else "What is said"
    return speech_draft(f"{what}{during(when)}.", body, "text", "[part for part in speech[:20]]")


FAMILY = RuleFamily("speech", 120, write_speech)
