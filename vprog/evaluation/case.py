"""Questions with known answers, read from a file of JSON lines, and the one judge of answers.

    {"video": "a.mp4", "question": "How many?", "answer": 3}
    {"video": "b.mp4", "question": "Which?", "choices": ["red", "blue"], "answer": "blue"}
    {"video": "c.mp4", "question": "When?", "answer": [2.0, 3.5], "tolerance": 0.5}

`answer` has one of these forms:

    number             3, 2.5
    span               [2.0, 3.5], seconds
    text               "blue"
    texts              ["cat", "kitten"], one of which is enough
    several of these   {"any_of": [1.6, [8.0, 8.4]]}
    none               null: nothing can answer it, so that abstaining is the only good outcome

Paths are relative to the file, or to a folder that is named. Other keys are left alone.

The form of the known answer decides what fits it, and nothing is read into an answer:

    number    a number within the tolerance, or a span that begins there
    span      a span, both ends within the tolerance; or a moment that lies in it
    text      the same text, whatever its case, its spaces and the full stop at its end
    texts     an answer in which the words of one of them stand in a row: what a video shows
              or says has more around it
    any_of    an answer that fits one of them
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from vprog.errors import UsageError

_FORM = 'Write {"video": "a.mp4", "question": "How many?", "answer": 3}.'


class AnyOf(msgspec.Struct, frozen=True):
    """Answers each of which is right."""

    any_of: list[int | float | str | list[int | float | str]]


PlainAnswer = int | float | str | list[int | float | str]
KnownAnswer = PlainAnswer | AnyOf | None


@dataclass(frozen=True)
class Case:
    """One question with its right answer.

    Attributes:
        line: where it stands in its file, from 1.
        videos: what it is about.
        answer: the right one; None where no program can know it.
        tolerance: how far a number may be off, in its own unit.
        family: of questions that are counted together; "" for none.
        held_out: whether nothing was tuned on it.
        source: how the answer is known.
    """

    line: int
    videos: tuple[Path, ...]
    question: str
    answer: KnownAnswer
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    subtitles: Path | None = None
    family: str = ""
    held_out: bool = False
    source: str = ""


class _Row(msgspec.Struct, kw_only=True):
    video: str | list[str]
    question: str
    answer: KnownAnswer
    choices: list[str] = []
    tolerance: float = 0.0
    subs: str | None = None
    family: str = ""
    held_out: bool = False
    source: str = ""


def read_cases(
    path: Path, *, folder: Path | None = None, allow_unanswerable: bool = False
) -> list[Case]:
    """The questions of a file.

    Args:
        path: the file.
        folder: what the paths in it are relative to; by default the file's own folder.
        allow_unanswerable: whether the answer may be null.

    Raises:
        UsageError: it cannot be read, or a line is no question with an answer.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: the cases cannot be read: {error}.", hint="Name a JSON-lines file."
        ) from error
    cases = [
        _case(f"{path} line {number}", number, line, folder or path.parent, allow_unanswerable)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not cases:
        raise UsageError(f"{path}: holds no case.", hint="Write one JSON object a line.")
    return cases


def _case(where: str, number: int, line: str, folder: Path, allow_unanswerable: bool) -> Case:
    try:
        row = msgspec.json.decode(line, type=_Row)
    except msgspec.DecodeError as error:
        raise UsageError(f"{where}: no case: {error}.", hint=_FORM) from error
    answers = row.answer.any_of if isinstance(row.answer, AnyOf) else [row.answer]
    if not answers or not all(_has_form(answer, allow_unanswerable) for answer in answers):
        raise UsageError(
            f"{where}: the answer must be a number, a text, [start, end] in seconds, a list of "
            'texts, or {"any_of": [...]} of these.',
            hint=_FORM,
        )
    videos = [row.video] if isinstance(row.video, str) else row.video
    return Case(
        number,
        tuple(folder / video for video in videos),
        row.question,
        row.answer,
        tuple(row.choices),
        row.tolerance,
        folder / row.subs if row.subs is not None else None,
        row.family,
        row.held_out,
        row.source,
    )


def _has_form(answer: PlainAnswer | None, allow_unanswerable: bool) -> bool:
    if isinstance(answer, list):
        are_texts = bool(answer) and all(isinstance(item, str) for item in answer)
        return are_texts or is_span(answer)
    return answer is not None or allow_unanswerable


def is_number(value: object) -> bool:
    """Whether a value is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_span(value: object) -> bool:
    """Whether a value is a pair of numbers in order."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(is_number(end) for end in value)
        and value[0] <= value[1]
    )


Verdict = Literal["right", "wrong", "abstained", "failed"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "abstained", "failed")

_ROUNDING = 1e-9
"""Sums of decimal fractions miss a tolerance of like size by less."""


def verdict_of(case: Case, status: str, answer: object) -> Verdict:
    """What an outcome is worth.

    Args:
        case: the question with its right answer.
        status: of the result; a limit, a fault or a program that was refused is "failed".
        answer: of the result.
    """
    if status == "abstained":
        return "abstained"
    if status != "answered":
        return "failed"
    return "right" if is_right(case, answer) else "wrong"


def is_right(case: Case, answer: object) -> bool:
    """Whether an answer is the right one; nothing is where none can be known."""
    if case.answer is None:
        return False
    known = case.answer.any_of if isinstance(case.answer, AnyOf) else [case.answer]
    return any(_fits(expected, answer, case.tolerance + _ROUNDING) for expected in known)


def _fits(expected: PlainAnswer, answer: Any, tolerance: float) -> bool:
    if isinstance(expected, str):
        return _plain(str(answer)) == _plain(expected)
    if isinstance(expected, int | float):
        number = answer[0] if is_span(answer) else answer
        return is_number(number) and bool(abs(number - expected) <= tolerance)
    texts = [text for text in expected if isinstance(text, str)]
    if texts:
        return any(_stands_in(text, str(answer)) for text in texts)
    start, end = (float(number) for number in expected)
    if is_number(answer):
        return bool(start - tolerance <= answer <= end + tolerance)
    return is_span(answer) and all(
        abs(time - known) <= tolerance for time, known in zip(answer, (start, end), strict=True)
    )


def _stands_in(expected: str, answer: str) -> bool:
    """Whether the words of one text stand in the other, in a row."""
    wanted, words = (re.findall(r"\w+", text.casefold()) for text in (expected, answer))
    size = len(wanted)
    return size > 0 and any(
        words[first : first + size] == wanted for first in range(len(words) - size + 1)
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(".").casefold()
