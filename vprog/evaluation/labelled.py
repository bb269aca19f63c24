"""Questions whose right answers are known: read from a file, and an answer held against them.

One JSON object a line:

    {"video": "a.mp4", "question": "How many?", "answer": 3}
    {"video": "b.mp4", "question": "Which?", "choices": ["red", "blue"], "answer": "blue"}
    {"video": "c.mp4", "question": "When?", "answer": [2.0, 3.5], "tolerance": 0.5}

`answer` is a number (within `tolerance`), a pair of seconds (a moment must lie within it, a
stretch meet both ends), or a text; of a list of texts one must stand in the answer word for
word (what was read or said has more around it); {"any_of": [...]} accepts any answer of these.
Paths are relative to the file, or to a folder that is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError


@dataclass(frozen=True)
class Case:
    """One question with its right answer."""

    line: int
    videos: tuple[Path, ...]
    question: str
    answer: Any
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    subtitles: Path | None = None

    def is_right(self, given: Any) -> bool:
        """Whether an answer is the right one."""
        if isinstance(self.answer, dict):
            return any(_fits(each, given, self.tolerance) for each in self.answer["any_of"])
        return _fits(self.answer, given, self.tolerance)


class _Row(msgspec.Struct, kw_only=True):
    video: str | list[str]
    question: str
    answer: Any
    choices: list[str] = []
    tolerance: float = 0.0
    subs: str | None = None


def read_cases(path: Path, *, folder: Path | None = None) -> list[Case]:
    """The questions of a file. Other keys are left alone.

    Args:
        path: the file.
        folder: what the paths in it are relative to; by default the file's own folder.

    Raises:
        UsageError: it cannot be read, or a line is no question with an answer.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: the cases cannot be read: {error}.", hint="Name a JSON-lines file."
        ) from error
    beside = folder if folder is not None else path.parent
    cases = [
        _case(path, at, line, beside) for at, line in enumerate(lines, start=1) if line.strip()
    ]
    if not cases:
        raise UsageError(f"{path}: holds no case.", hint="Write one JSON object a line.")
    return cases


def _case(path: Path, at: int, line: str, folder: Path) -> Case:
    form = 'Write {"video": "a.mp4", "question": "How many?", "answer": 3}.'
    try:
        row = msgspec.json.decode(line, type=_Row)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} line {at}: no case: {error}.", hint=form) from error
    answer = row.answer
    if isinstance(answer, dict):
        answer = answer.get("any_of")
    if answer is None or isinstance(answer, bool | dict) or answer == []:
        raise UsageError(
            f"{path} line {at}: the answer must be a number, a text or a list of these.",
            hint=form,
        )
    videos = [row.video] if isinstance(row.video, str) else row.video
    return Case(
        at,
        tuple(folder / video for video in videos),
        row.question,
        row.answer,
        tuple(row.choices),
        row.tolerance,
        folder / row.subs if row.subs is not None else None,
    )


def _fits(expected: Any, given: Any, tolerance: float) -> bool:
    slack = tolerance + 1e-9
    if isinstance(expected, int | float):
        number = given[0] if isinstance(given, list | tuple) and given else given
        return _is_number(number) and abs(number - expected) <= slack
    if isinstance(expected, str):
        return _plain(str(given)) == _plain(expected)
    if all(isinstance(each, int | float) for each in expected) and len(expected) == 2:
        start, end = expected
        if _is_number(given):
            return bool(start - slack <= given <= end + slack)
        return (
            isinstance(given, list | tuple)
            and len(given) == 2
            and all(_is_number(each) for each in given)
            and abs(given[0] - start) <= slack
            and abs(given[1] - end) <= slack
        )
    return any(
        _stands_in(each, str(given)) if isinstance(each, str) else _fits(each, given, tolerance)
        for each in expected
    )


def _stands_in(expected: str, given: str) -> bool:
    """Whether the words of one text stand in the other, in a row."""
    wanted, found = (re.findall(r"\w+", each.casefold()) for each in (expected, given))
    size = len(wanted)
    return size > 0 and any(found[at : at + size] == wanted for at in range(len(found) - size + 1))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(".").casefold()
