"""From what a rule wrote to a whole program: the ending, and the choice among given choices.

A rule leaves the value of its answer in `value`. Without choices the program answers
that value. With choices the numbers or times in them are read here, while the program is
written; the program picks the choice that its value fits and abstains where none does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vprog.rules.interpretation import RuleProgram, Unanswerable
from vprog.rules.numbers import read_number
from vprog.rules.times import read_length
from vprog.types import Video

Kind = Literal["number", "seconds", "span", "yes or no", "text"]


@dataclass(frozen=True)
class Draft:
    """What a rule makes of a question.

    Attributes:
        reading: one sentence: how the question was understood.
        body: program text that leaves the answer in `value`: an int or float for
            "number" and "seconds", a Span for "span", a bool for "yes or no", a str for
            "text".
        kind: which of these `value` is.
        evidence: an expression, the list that supports the answer; "" for none.
        tasks: the modules that the program calls.
        by_meaning: see RuleProgram.
        tolerance: how far from `value` a choice may lie and still be it.
    """

    reading: str
    body: str
    kind: Kind
    evidence: str = ""
    tasks: tuple[str, ...] = ()
    tolerance: float = 0.0
    by_meaning: bool = False


def finish(
    draft: Draft, family: str, choices: Sequence[str], opening: str = ""
) -> RuleProgram | Unanswerable:
    """The whole program of a draft, or why its value cannot be one of the choices.

    Args:
        draft: what a rule wrote.
        family: the name of the rule's family.
        choices: the given choices; empty for a free answer.
        opening: lines before the draft's own, e.g. the choice of one video of several.
    """
    evidence = f", evidence={draft.evidence}" if draft.evidence else ""
    if not choices:
        ending: str | None = _free_ending(draft, evidence)
    elif draft.kind == "text":
        ending = _TEXT_ENDING.format(evidence=evidence)
    elif draft.kind == "yes or no":
        ending = _yes_no_ending(choices, evidence)
    else:
        ending = _number_ending(draft, choices, evidence)
    if ending is None:
        return Unanswerable(
            f"The answer to this is a {draft.kind} value, and the choices do not all name one."
        )
    program = f"# {_comment(draft.reading)}\n{opening}{draft.body.strip()}\n{ending}"
    return RuleProgram(program, family, draft.reading, draft.by_meaning)


def _free_ending(draft: Draft, evidence: str) -> str:
    if draft.kind == "yes or no":
        return f'answer("yes" if value else "no"{evidence})\n'
    return f"answer(value{evidence})\n"


_PICTURE_TASKS = frozenset(
    [
        "find_shots",
        "measure_brightness",
        "find_black",
        "name_colours",
        "find_colour",
        "track_colour",
        "measure_motion",
        "track_moving",
        "detect",
        "track",
        "read_text",
        "find_text",
        "segment",
    ]
)
_SOUND_TASKS = frozenset(("measure_loudness", "find_silence"))


def unfit(draft: Draft, video: Video) -> Unanswerable | None:
    """Why a file without picture or sound cannot carry a program."""
    called = {task for task in draft.tasks if f"{task}(" in draft.body}
    if video.width == 0 and called & _PICTURE_TASKS:
        return Unanswerable("The question is about the picture, and the file has none.")
    copes = "if video.has_audio else" in draft.body  # that there is no sound is an answer
    if not video.has_audio and called & _SOUND_TASKS and not copes:
        return Unanswerable("The question is about the sound, and the file has none.")
    if not video.has_audio and not video.has_subtitles and called & {"transcribe", "find_speech"}:
        return Unanswerable(
            "The question is about speech; the file has neither sound nor subtitles."
        )
    return None


_TEXT_ENDING = """\
def plain_words(text: str) -> str:
    named = words_of(text)
    return " ".join(named[1:] if len(named) > 1 and named[0] in ("the", "a", "an") else named)


value_words = plain_words(value)
choice_words = [plain_words(choice) for choice in choices]
fits = [i for i in range(len(choices)) if choice_words[i] == value_words]
if not fits:
    within = [i for i in range(len(choices)) if f" {{choice_words[i]}} " in f" {{value_words}} "]
    larger = [[j for j in within if j != i and choice_words[i] in choice_words[j]] for i in within]
    fits = [within[k] for k in range(len(within)) if not larger[k]]
if not fits:  # "left" is "to the left"
    fits = [i for i in range(len(choices)) if f" {{value_words}} " in f" {{choice_words[i]}} "]
if len(fits) != 1:
    abstain(f"what was found fits no choice, or more than one: {{value}}")
answer(choices[fits[0]]{evidence})
"""

_YES = {"yes", "true", "yeah", "correct", "it is", "it does", "there is", "there are"}
_NO = {
    "no",
    "false",
    "not",
    "incorrect",
    "it is not",
    "it does not",
    "there is not",
    "there are not",
}


def yes_and_no(choices: Sequence[str]) -> tuple[int, int] | None:
    """Which of the choices is the yes, and which the no; None where they are others."""
    sides: list[int] = []
    for choice in choices:
        plain = re.sub(r"[^a-z ]", "", choice.lower().replace("n't", " not")).strip()
        head = plain.split(" ")[0] if plain else ""
        if plain in _YES or head == "yes":
            sides.append(1)
        elif plain in _NO or head == "no":
            sides.append(0)
        else:
            sides.append(-1)
    if sides.count(1) != 1 or sides.count(0) != 1:
        return None
    return sides.index(1), sides.index(0)


def _yes_no_ending(choices: Sequence[str], evidence: str) -> str | None:
    sides = yes_and_no(choices)
    if sides is None:
        return None
    return f"answer(choices[{sides[0]}] if value else choices[{sides[1]}]{evidence})\n"


def _number_ending(draft: Draft, choices: Sequence[str], evidence: str) -> str | None:
    read = _times_in if draft.kind in ("seconds", "span") else _numbers_in
    options = [(at, *found) for at, choice in enumerate(choices) if (found := read(choice))]
    if len(options) < 2:
        return None
    low, high = ("value.start", "value.end") if draft.kind == "span" else ("value", "value")
    return f"""\
options = {options!r}  # place among the choices, and the numbers that it names
distances = [max(low - {high}, {low} - high, 0.0) for _place, low, high in options]
nearest = min(range(len(options)), key=lambda i: distances[i])
if distances[nearest] > {draft.tolerance!r} or distances.count(distances[nearest]) > 1:
    abstain(f"no single choice fits what was found: {{value}}")
answer(choices[options[nearest][0]]{evidence})
"""


def _numbers_in(choice: str) -> tuple[float, float] | None:
    """The number or range that a choice names: "3", "three people", "2-4", "none"."""
    plain = choice.lower().replace(",", "")
    if re.fullmatch(r"\W*(?:none|nobody|no one|zero|no \w+)\W*", plain):
        return 0.0, 0.0
    span = re.search(r"(\d+(?:\.\d+)?) ?(?:-|–|to|and) ?(\d+(?:\.\d+)?)", plain)
    if span:
        return float(span[1]), float(span[2])
    digits = re.findall(r"\d+(?:\.\d+)?", plain)
    if len(digits) == 1:
        return float(digits[0]), float(digits[0])
    worded = [number for word in plain.split() if (number := read_number(word)) is not None]
    return (worded[0], worded[0]) if not digits and len(worded) == 1 else None


def _times_in(choice: str) -> tuple[float, float] | None:
    """The time or span that a choice names, in seconds: "5 s", "0:12", "from 5 to 9 s", "7"."""
    plain = re.sub(r"^(?:at|about|around|after) ", "", choice.lower().strip(" .")).strip()
    seconds = read_length(plain)
    if seconds is not None:
        return seconds, seconds
    span = re.fullmatch(
        r"(?:from|between)? ?([\d:.]+)(?: ?(?:s|secs?|seconds?))? ?(?:-|–|to|and|until) ?"
        r"([\d:.]+)(?: ?(?:s|secs?|seconds?))?",
        plain,
    )
    if span:
        ends = [_plain_seconds(span[1]), _plain_seconds(span[2])]
        if ends[0] is not None and ends[1] is not None:
            return ends[0], ends[1]
    bare = _plain_seconds(plain)
    return None if bare is None else (bare, bare)


def _plain_seconds(text: str) -> float | None:
    return read_length(text) if ":" in text else read_number(text)


def _comment(text: str) -> str:
    """A reading as one line of comment: printable, no line breaks, at most 200 characters."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain[:200]
