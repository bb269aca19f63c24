"""Whether anything is heard, and whether anything moves."""

from __future__ import annotations

from vprog.rules.draft import Draft
from vprog.rules.family import RuleFamily
from vprog.rules.measures import LOUDNESS, MOTION, MOTION_WORDS, levels_call, measured
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.span_words import during
from vprog.rules.states import ALWAYS_WORDS, EVER, states_draft
from vprog.rules.times import When
from vprog.rules.word_forms import PICTURE, SEE, SOUND, words


def write_presence(question: ParsedQuestion) -> Draft | None:
    """A program that tells whether there is sound or motion, or None."""
    if question.quotes:
        return None
    return _sound_yes(question) or _moves(question)


def _sound_yes(question: ParsedQuestion) -> Draft | None:
    """Whether anything is heard."""
    if (
        question.ask != "yes or no"
        or len(question.times) > 1
        or not question.has(SOUND | words("hear heard audible"))
    ):
        return None
    if question.has(words("no not")) or not question.only(
        SOUND,
        words(
            "hear heard audible come comes with any anything actual there in at point can "
            "make makes have has be something accompanied by"
        ),
    ):
        return None
    if not question.video.has_audio:
        return states_draft(
            "Whether anything is heard; the file has no sound track.",
            "value = video.has_audio",
            "yes or no",
            "",
            "probe",
        )
    body = (
        f"levels = {levels_call(LOUDNESS, question.when, question.video.duration)}\n"
        f"{measured('levels', LOUDNESS)}"
        "top = highest(levels)\nvalue = top.value > -60.0"
    )
    return states_draft(
        f"Whether anything is heard{during(question.when)}.",
        body,
        "yes or no",
        "[top] if value else []",
        "measure_loudness",
    )


STILL_LEVEL = 0.004
"""Motion below this is what coding noise leaves in a still picture; see measure_motion."""


def _moves(question: ParsedQuestion) -> Draft | None:
    """Whether anything moves, or the picture is still."""
    if question.ask != "yes or no" or len(question.times) > 1:
        return None
    still = question.has(words("still static frozen motionless unchanging"))
    moving = question.has(MOTION_WORDS | words("move moves moving"))
    if still == moving or question.has(words("not no nothing")):
        return None
    if not question.only(
        MOTION_WORDS,
        PICTURE,
        SEE,
        EVER,
        words("move moves moving still static frozen motionless unchanging anything something"),
        ALWAYS_WORDS if still else frozenset(),
    ):
        return None
    when = question.when
    around = (
        when
        if when is None or when.kind == "within"
        else When(
            "within",
            max(0.0, when.start - 0.4),
            min(when.end + 0.4, question.video.duration),
            when.words,
        )
    )
    body = (
        f"levels = {levels_call(MOTION, around, question.video.duration)}\n"
        f"{measured('levels', MOTION)}"
        "top = highest(levels)\n"
        f"value = top.value {'<' if still else '>='} {STILL_LEVEL!r}"
    )
    return states_draft(
        f"Whether {'the picture is still' if still else 'anything moves'}{during(when)}.",
        body,
        "yes or no",
        f"[top] if top.value >= {STILL_LEVEL!r} else []",
        "measure_motion",
    )


FAMILY = RuleFamily("extremes", 100, write_presence)
