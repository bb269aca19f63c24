"""Whether an answer is the right one: the one judge of everything that is scored here.

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
from typing import Any, Literal

from vprog.evaluation.case import AnyOf, Case, PlainAnswer, is_number, is_span

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
