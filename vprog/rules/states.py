"""States at the ends of the scales: black, silent, still. Whether, when, how long, how often;
and whether anything is heard or moves at all."""

from __future__ import annotations

from vprog.rules.draft import Draft, Kind
from vprog.rules.family import RuleFamily
from vprog.rules.measures import (
    BLACK,
    GO,
    SILENT,
)
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during, moment, span_argument
from vprog.rules.times import When
from vprog.rules.word_forms import FIRST, LAST, PICTURE, SEE, SOUND, START, STOP, words

_WHOLLY = words("completely totally fully entirely wholly pure just absolutely")
_ALWAYS = (
    r"all (?:the )?(?:way )?(?:through|time|along)|throughout|the (?:whole|entire) (?:time|"
    r"video|clip|film|way|recording)|always|from start to (?:end|finish)|completely silent|"
    r"entirely|totally silent|(?:whole|entire) (?:video|clip|film|recording|track)|(?:video|"
    r"clip|film|recording|track|file|audio) silent$"
)
ALWAYS_WORDS = words(
    "all way through time along throughout whole entire always from start to finish "
    "completely "
    "entirely totally track"
)
EVER = words("ever point any at moment time")


def write_states(question: ParsedQuestion) -> Draft | None:
    """A program about black, silence and stillness, or None."""
    if question.quotes:
        return None
    for rule in (_state_when, _state_yes, _state_count):
        draft = rule(question)
        if draft is not None:
            return draft
    return None


def states_draft(
    reading: str, body: str, kind: Kind, evidence: str, task: str, tolerance: float = 1.0
) -> Draft:
    return Draft(reading, body, kind, evidence, (task,), tolerance)


def state_call(state: str, duration: float, when: When | None = None) -> str:
    """The call that finds the spans of a state, "black" or "silence"."""
    span = span_argument(when, duration)
    return f"find_{state}(video{span})"


def _state(question: ParsedQuestion) -> str | None:
    """ "black" or "silence", if the question is about one of them and no other word is left."""
    subject = (
        PICTURE
        | words("picture image blank")
        | GO
        | _WHOLLY
        | SEE
        | EVER
        | START
        | STOP
        | FIRST
        | LAST
    )
    if question.says("from (?:a )?(?:black|silence)|parts?"):
        return None
    if question.has(BLACK) and not question.has(SILENT):
        return (
            "black"
            if question.only(
                BLACK, subject, ALWAYS_WORDS, words("many times often number periods stretches")
            )
            else None
        )
    if question.has(SILENT) or question.says("no (?:sound|audio|noise)"):
        heard = words("quiet no there sound audio noise track soundtrack") | SILENT
        known = question.only(
            heard,
            SOUND,
            GO - words("video"),
            _WHOLLY,
            EVER,
            START,
            STOP,
            FIRST,
            LAST,
            ALWAYS_WORDS,
            SEE,
            words("many times often number periods stretches stretch period pauses moments is"),
        )
        return "silence" if known else None
    return None


def _state_when(question: ParsedQuestion) -> Draft | None:
    """When it is black or silent, when that begins or ends, how long it lasts."""
    if question.ask not in ("when", "how long") or len(question.times) > 1:
        return None
    if question.when and question.when.kind == "at" and question.when.edge != "start":
        return None
    sound_stops = (
        question.ask == "when"
        and question.has(SOUND)
        and question.has(words("stop stops stopped end ends ended cut cuts"))
        and question.only(
            SOUND, words("stop stops stopped end ends ended cut cuts out off track playing")
        )
    )
    state = "silence" if sound_stops else _state(question)
    if state is None:
        return None
    last = question.has(LAST)
    longest = "found[-1]" if last else "found[0]"
    missing = "black picture" if state == "black" else "silence"
    limits = "every frame was looked at" if state == "black" else "under -50 dBFS for 0.3 s"
    body = f"found = {state_call(state, question.video.duration)}\n"
    if question.when is not None:
        limit = 0.1 if question.when.kind == "at" else question.when.end
        body += f"found = between(found, {question.when.start!r}, {limit!r})\n"
    body += f'if not found:\n    abstain("no {missing} was found ({limits})")\n'
    if question.ask == "how long":
        if question.when is not None:
            body += "value = round(duration(found[0]), 2)"
        else:
            body += "value = round(sum([duration(span) for span in found]), 2)"
        return states_draft(
            f"How long there is {missing}{during(question.when)}.",
            body,
            "seconds",
            "found[:20]",
            f"find_{state}",
        )
    goes = sound_stops or question.has(
        words("go goes turn turns become becomes fade fades cut get gets")
        | START
        | FIRST
        | words("fall falls")
    )
    if goes and not last and not sound_stops:
        # "When does it go black?": not a state that the video opens with, if there is another.
        body += (
            "later = [span for span in found if span.start > 0.1] or found\nvalue = "
            "round(later[0].start, 2)"
        )
        return states_draft(
            f"When the {missing} begins.", body, "seconds", "[later[0]]", f"find_{state}"
        )
    if sound_stops:
        body += (
            "if found[-1].end < video.duration - 0.5:\n"
            '    abstain("the sound does not stop for good")\n'
            "value = round(found[-1].start, 2)"
        )
        return states_draft(
            "When the sound stops for good.", body, "seconds", "[found[-1]]", "find_silence"
        )
    if question.has(STOP):
        body += f"value = round({longest}.end, 2)"
        return states_draft(
            f"When the {missing} ends.", body, "seconds", f"[{longest}]", f"find_{state}"
        )
    body += f"value = Span({longest}.start, {longest}.end)"
    return states_draft(f"When there is {missing}.", body, "span", f"[{longest}]", f"find_{state}")


def _state_yes(question: ParsedQuestion) -> Draft | None:
    """Whether it is black or silent: ever, at a time, or all along."""
    if question.ask != "yes or no" or len(question.times) > 1:
        return None
    if question.has(words("not")):
        return None
    state = _state(question)
    if state is None or question.has(STOP):
        return None
    if state == "silence" and question.says("no") and not question.says("no (?:sound|audio|noise)"):
        return None
    if state == "silence" and not question.video.has_audio:
        body = "value = not video.has_audio  # no sound track: nothing is heard"
        return states_draft(
            "Whether there is silence; the file has no sound track.",
            body,
            "yes or no",
            "",
            "find_silence",
        )
    what = "the picture is black" if state == "black" else "there is silence"
    when = question.when
    if when is not None and when.kind == "at":
        time = moment(when, question.video.duration)
        body = f"found = between(find_{state}(video), {time!r}, {time!r})\nvalue = len(found) > 0"
        return states_draft(
            f"Whether {what}{during(when)}.", body, "yes or no", "found[:5]", f"find_{state}"
        )
    if question.says(_ALWAYS) and not question.says("ever|at any"):
        body = (
            f"found = {state_call(state, question.video.duration, when)}\n"
            "covered = sum([duration(span) for span in found])\n"
            f"value = covered >= 0.98 * "
            f"{round((when.end - when.start) if when else question.video.duration, 3)!r}"
        )
        return states_draft(
            f"Whether {what} all along{during(when)}.",
            body,
            "yes or no",
            "found[:20]",
            f"find_{state}",
        )
    if question.has(words("all whole entire always throughout")):
        return None
    body = f"found = {state_call(state, question.video.duration, when)}\nvalue = len(found) > 0"
    return states_draft(
        f"Whether {what} at any time{during(when)}.",
        body,
        "yes or no",
        "found[:20]",
        f"find_{state}",
    )


def _state_count(question: ParsedQuestion) -> Draft | None:
    """How many times it is black or silent."""
    if (
        question.ask != "count"
        or len(question.times) > 1
        or (question.when and question.when.kind == "at")
    ):
        return None
    if not question.says("times|silences|periods|stretches|pauses|moments"):
        return None
    state = _state(question)
    if state is None:
        return None
    return states_draft(
        f"How many stretches of {state} there are{during(question.when)}.",
        f"found = {state_call(state, question.video.duration, question.when)}\nvalue = len(found)",
        "number",
        "found[:50]",
        f"find_{state}",
        tolerance=0.0,
    )


FAMILY = RuleFamily("extremes", 90, write_states)
