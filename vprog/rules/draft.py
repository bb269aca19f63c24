"""From what a rule wrote to what the rule writer hands back: a whole program, or why there is none.

A rule leaves the value of its answer in `value`. Without choices the program answers
that value. With choices the numbers or times in them are read here, while the program is
written; the program picks the choice that its value fits and abstains where none does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from vprog.program.allowed_syntax import BUILTINS, PROGRAM_ENDS, VALUE_CLASSES, words
from vprog.program.bindings import renamed
from vprog.program.prelude import FUNCTIONS
from vprog.program.program import Program
from vprog.rules.numbers import read_number
from vprog.rules.rule_data import pattern, shared_program
from vprog.rules.times import read_length
from vprog.types import Video

Kind = Literal["number", "seconds", "span", "yes or no", "text"]
_LANGUAGE = BUILTINS | VALUE_CLASSES | PROGRAM_ENDS | frozenset(FUNCTIONS)


@dataclass(frozen=True)
class RuleProgram:
    """A program for a question.

    Attributes:
        program: the whole text, ready for the gate.
        family: the family of rules that wrote it, e.g. "shots".
        reading: one sentence: how the question was understood.
        by_meaning: whether its words did not settle that, and the kind was taken whose wordings
            are nearest in meaning.
    """

    program: str
    family: str
    reading: str
    by_meaning: bool = False


@dataclass(frozen=True)
class Unanswerable:
    """No rule carries the question.

    Attributes:
        reason: one sentence for the person who asked.
        missing: task names, or what a model would have to be able to do.
        command: what adds it, "" if nothing would.
    """

    reason: str
    missing: tuple[str, ...] = ()
    command: str = ""


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
        by_meaning: see RuleProgram.
        tolerance: how far from `value` a choice may lie and still be it.
    """

    reading: str
    body: str
    kind: Kind
    evidence: str = ""
    tolerance: float = 0.0
    by_meaning: bool = False

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """The modules that the program calls."""
        return modules_of(self.body)


def modules_of(body: str) -> tuple[str, ...]:
    """The modules that a program calls."""
    program = Program(body)
    return tuple(name for name in program.called if name not in program.bound | _LANGUAGE)


_SHOWN = {
    "number": "{value}",
    "seconds": "{round(value, 2)} s",
    "span": "{clock(value.start)}-{clock(value.end)}",
    "yes or no": "{'yes' if value else 'no'}",
    "text": "{value}",
}
"""How a value stands in an answer that has two."""


def both(first: Draft, second: Draft) -> Draft:
    """A draft that answers two questions, the first one first."""
    body, shown, cited = "", [], []
    for number, draft in enumerate((first, second), 1):
        evidence = draft.evidence or "[]"
        body += renamed(f"{draft.body}\nsupport = list({evidence})\n", f"_{number}")
        shown.append(_SHOWN[draft.kind].replace("value", f"value_{number}"))
        cited.append(f"support_{number}")
    clock = shared_program("clock") if "span" in (first.kind, second.kind) else ""
    return Draft(
        reading=f"{first.reading} And: {second.reading}",
        body=f'{clock}{body}value = f"{"; ".join(shown)}"\n',
        kind="text",
        evidence=" + ".join(cited),
    )


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
    ending, value = _ending(draft, choices)
    if not value:
        return Unanswerable(
            f"The answer to this is a {draft.kind} value, and the choices do not all name one."
        )
    evidence = f", evidence={draft.evidence}" if draft.evidence else ""
    ending = f"{ending}answer({value}{evidence})\n"
    program = f"# {_comment(draft.reading)}\n{opening}{draft.body.strip()}\n{ending}"
    return RuleProgram(program, family, draft.reading, draft.by_meaning)


def _ending(draft: Draft, choices: Sequence[str]) -> tuple[str, str]:
    """Lines that pick one of the choices, and what is answered; "" if it cannot be one of them."""
    if draft.kind == "yes or no":
        sides = yes_and_no(choices)
        if sides is None:
            return "", "" if choices else '"yes" if value else "no"'
        return "", f"choices[{sides[0]}] if value else choices[{sides[1]}]"
    if not choices:
        return "", "value"
    if draft.kind == "text":
        return shared_program("choice_of_text"), "choices[fits[0]]"
    read = _times_in if draft.kind in ("seconds", "span") else _numbers_in
    named = [(at, *found) for at, choice in enumerate(choices) if (found := read(choice))]
    ends = "value.start, value.end" if draft.kind == "span" else "value, value"
    lines = f"first, last = {ends}\nnamed = {named}\ntolerance = {draft.tolerance}\n"
    picks = lines + shared_program("nearest_choice")
    return picks, "choices[named[nearest][0]]" if len(named) > 1 else ""


_CALLED_FOR = {
    "The question is about the picture, and the file has none.": words(
        "find_shots measure_brightness find_black name_colours find_colour track_colour "
        "measure_motion track_moving detect track read_text find_text segment"
    ),
    "The question is about the sound, and the file has none.": words(
        "measure_loudness find_silence"
    ),
    "The question is about speech; the file has neither sound nor subtitles.": words(
        "transcribe find_speech"
    ),
}
"""What is said where a file lacks what some modules take, and those modules."""


def unfit(draft: Draft, video: Video) -> Unanswerable | None:
    """Why a file without picture or sound cannot carry a program."""
    copes = "if video.has_audio else" in draft.body  # that there is no sound is an answer
    lacks_sound = not video.has_audio
    lacks = (video.width == 0, lacks_sound and not copes, lacks_sound and not video.has_subtitles)
    for is_lacking, (reason, tasks) in zip(lacks, _CALLED_FOR.items(), strict=True):
        if is_lacking and tasks.intersection(draft.tasks):
            return Unanswerable(reason)
    return None


def yes_and_no(choices: Sequence[str]) -> tuple[int, int] | None:
    """Which of the choices is the yes, and which the no; None where they are others."""
    plain = [
        re.sub(r"[^a-z ]", "", choice.lower().replace("n't", " not")).strip() for choice in choices
    ]
    yes, no = (
        [at for at, choice in enumerate(plain) if pattern(side).match(choice)]
        for side in ("says_yes", "says_no")
    )
    return (yes[0], no[0]) if len(yes) == len(no) == 1 else None


def _numbers_in(choice: str) -> tuple[float, float] | None:
    """The number or range that a choice names: "3", "three people", "2-4", "none"."""
    plain = choice.lower().replace(",", "")
    if pattern("none_at_all").fullmatch(plain):
        return 0.0, 0.0
    span = pattern("two_numbers").search(plain)
    if span:
        return float(span[1]), float(span[2])
    digits = re.findall(r"\d+(?:\.\d+)?", plain)
    numbers = [it for it in map(read_number, digits or plain.split()) if it is not None]
    return (numbers[0], numbers[0]) if len(numbers) == 1 else None


def _times_in(choice: str) -> tuple[float, float] | None:
    """The time or span that a choice names, in seconds: "5 s", "0:12", "from 5 to 9 s", "7"."""
    plain = re.sub(r"^(?:at|about|around|after) ", "", choice.lower().strip(" .")).strip()
    span = pattern("from_to").fullmatch(plain)
    first, last = map(_seconds, span.groups() if span else (plain, plain))
    return None if first is None or last is None else (first, last)


def _seconds(text: str) -> float | None:
    length = read_length(text)
    return read_number(text) if length is None else length


def _comment(text: str) -> str:
    """A reading as one line of comment: printable, no line breaks, at most 200 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]
