"""Facts of the file: length, size of the picture, rates, codecs, tracks. Read, not measured."""

from __future__ import annotations

import re

from vprog.rules.draft import Draft, Kind
from vprog.rules.file_words import ASKED, CLAIMS, HAS, LENGTH, PLAIN, TRACK, USED
from vprog.rules.question_text import ParsedQuestion, read_duration
from vprog.rules.word_forms import FILE, PICTURE, words

FAMILY = "facts"


def write_facts(question: ParsedQuestion) -> Draft | None:
    """A program that reads the file's facts, or None if the question asks for something else."""
    if question.times or question.quotes:
        return None
    if question.ask == "yes or no":
        return _yes_no(question)
    if question.ask == "how long" and question.only(LENGTH, words("does")):
        return _length()
    if question.ask == "count" and question.says("^seconds") and question.only(LENGTH):
        return _length()
    if question.ask == "count" and question.says("^minutes"):
        if not question.only(LENGTH, words("minutes")):
            return None
        return _draft("round(facts.duration / 60, 2)", "number", "its length in minutes")
    if question.ask in ("count", "what"):
        asked = f"{question.ask_words} {question.text}"
        for pattern, beside, value, kind, what in ASKED:
            known = (words(beside), TRACK, USED, words("picture image frame have has"))
            if re.search(rf"\b(?:{pattern})\b", asked) and question.only(*known):
                return _draft(value, kind, what, absent=_absent(value))
    return None


def _length() -> Draft:
    return Draft(
        FAMILY,
        "How long the file lasts, in seconds.",
        "facts = probe(video)\nvalue = round(facts.duration, 2)",
        "seconds",
        tasks=("probe",),
        slack=0.5,
    )


def _absent(value: str) -> str:
    """What the file must have for the value to mean something."""
    if "audio" in value or "channels" in value or "sample_rate" in value:
        return 'facts.audio_codec == ""|the file has no sound track'
    if "title" in value:
        return 'facts.title == ""|the file names no title'
    if any(
        name in value for name in ("width", "height", "video_codec", "fps", "n_frames", "rotation")
    ):
        return 'facts.video_codec == ""|the file has no picture'
    return ""


def _draft(value: str, kind: Kind, what: str, absent: str = "") -> Draft:
    body = "facts = probe(video)\n"
    if absent:
        condition, reason = absent.split("|")
        body += f"if {condition}:\n    abstain({reason!r})\n"
    return Draft(
        FAMILY,
        f"From the file: {what}.",
        f"{body}value = {value}",
        kind,
        tasks=("probe",),
        slack=0.05 if kind == "number" else 0.0,
    )


_SIGNS = {
    "longer": ">", "more": ">", "over": ">", "exceed": ">", "exceeds": ">", "at least": ">=",
    "shorter": "<", "less": "<", "under": "<",
}  # fmt: skip
_COMPARING = words(
    "longer shorter than more less at least under over exceed exceeds last lasts run runs long"
)


def _yes_no(question: ParsedQuestion) -> Draft | None:
    longer = re.search(rf"\b({'|'.join(_SIGNS)})\b", question.text)
    if longer:
        return _compared(question, _SIGNS[longer[1]])
    if question.says("or"):
        return _either(question)
    for pattern, beside, value, what in CLAIMS:
        known = (words(beside), PICTURE, HAS, words("visible"))
        if question.says(pattern) and question.only(*known):
            absent = _absent(value) if "facts.height" in value else ""
            return _draft(value, "yes or no", f"whether {what}", absent)
    return None


def _compared(question: ParsedQuestion, sign: str) -> Draft | None:
    """Whether the file is longer or shorter than a given time."""
    read = read_duration(question.text)
    if read is None:
        return None
    seconds, rest = read
    left = [word for word in rest.split() if word not in _COMPARING | FILE | PLAIN]
    if left:
        question.left.append(tuple(left))
        return None
    return _draft(
        f"facts.duration {sign} {seconds!r}", "yes or no", f"its length {sign} {seconds:g} s"
    )


def _either(question: ParsedQuestion) -> Draft | None:
    """Portrait or landscape, mono or stereo."""
    shape = words("portrait landscape vertical horizontal or format mode orientation")
    names = re.findall(r"\b(?:portrait|vertical|landscape|horizontal)\b", question.text)
    if len(names) == 2 and question.only(shape, PICTURE):
        tall, wide = sorted(names, key=lambda name: name in ("landscape", "horizontal"))
        value = f"{tall!r} if facts.height > facts.width else {wide!r}"
        return _draft(value, "text", "whether the picture is taller than wide", _absent("height"))
    if question.says("mono") and question.says("stereo"):
        if not question.only(words("mono stereo or in"), TRACK):
            return None
        absent = "facts.channels not in (1, 2)|the sound is neither mono nor stereo"
        value = '"mono" if facts.channels == 1 else "stereo"'
        return _draft(value, "text", "whether the sound is mono or stereo", absent)
    return None
