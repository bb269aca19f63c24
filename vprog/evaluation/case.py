"""Questions with known answers, as they are read from a file of JSON lines.

    {"video": "a.mp4", "question": "How many?", "answer": 3}
    {"video": "b.mp4", "question": "Which?", "choices": ["red", "blue"], "answer": "blue"}
    {"video": "c.mp4", "question": "When?", "answer": [2.0, 3.5], "tolerance": 0.5}

`answer` has one of these forms; what fits each is the business of judge.py beside this file.

    number             3, 2.5
    span               [2.0, 3.5], seconds
    text               "blue"
    texts              ["cat", "kitten"], one of which is enough
    several of these   {"any_of": [1.6, [8.0, 8.4]]}
    none               null: nothing can answer it, so that abstaining is the only good outcome

Paths are relative to the file, or to a folder that is named. Other keys are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
