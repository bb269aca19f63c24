"""Whether what was read is text: long and sure, or seen again with the same letters in its place.

A reader finds letters in blinds, branches and feathers: one or two characters, other ones in the
next frame. Burnt-in text has a score near 1 in every frame. The limits were set by the clips and
texts of benchmarks/text_accuracy.py, all of them: its figures are not those of unseen clips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vprog_modules.text.ocr import ReadLine
from vprog_modules.text.text_spans import Followed, same_text
from vprog_modules.tracking.box_overlap import iou

SAME_PLACE = 0.5
STILL_S = 0.4
"""A line that is not read again because its picture stays the same has stood at least so long."""


class _Limits(NamedTuple):
    """The least score of a line that was read once, once in a still picture, twice, more often."""

    once: float
    still: float
    twice: float
    often: float


NEVER = 2.0
_BY_LENGTH = {
    1: _Limits(NEVER, 0.95, 0.95, 0.85),
    2: _Limits(NEVER, 0.9, 0.85, 0.75),
    3: _Limits(0.97, 0.9, 0.8, 0.7),
    4: _Limits(0.85, 0.8, 0.6, 0.55),
}
"""By the number of letters and digits; the last for all that are longer."""


def stands(text: str, scores: Sequence[float], *, is_still: bool) -> bool:
    """Whether a line that was read with these scores, once each, is text.

    Args:
        text: what was read.
        scores: each time that alike letters were read in one place, at least one.
        is_still: its picture stayed the same, so that reading it again would say nothing new.
    """
    limits = _BY_LENGTH[min(4, sum(letter.isalnum() for letter in text))]
    score = sum(scores) / len(scores)
    if len(scores) > 2:
        return score >= limits.often
    if len(scores) == 2:
        return score >= limits.twice
    return score >= (limits.still if is_still else limits.once)


def is_sure(line: ReadLine) -> bool:
    """Whether a line is text although it was read only once."""
    return stands(line.text, [line.score], is_still=False)


def supports(again: ReadLine, line: ReadLine) -> bool:
    """Whether another reading speaks for a line: alike letters in its place, or other figures.

    The figures of a counter change in one place.
    """
    if iou(again.box, line.box) < SAME_PLACE:
        return False
    return same_text(again.text, line.text) or (_is_figure(again) and _is_figure(line))


def standing(lines: Iterable[Followed]) -> list[Followed]:
    """The lines that are text, in their order.

    The figures of a counter that are read once each support each other.
    """
    followed = list(lines)
    figures = [line.first_line for line in followed if _is_figure(line.first_line)]
    return [line for line in followed if _stands(line) or _n_support(line.first_line, figures) > 2]


def _stands(line: Followed) -> bool:
    text, _ = max(line.votes.items(), key=lambda vote: vote[1].total)
    scores = [
        votes.total / votes.n
        for other, votes in line.votes.items()
        if same_text(other, text)
        for _ in range(votes.n)
    ]
    return stands(text, scores, is_still=line.last - line.first >= STILL_S)


def _is_figure(line: ReadLine) -> bool:
    return any(sign.isdigit() for sign in line.text) and line.score >= _BY_LENGTH[1].often


def _n_support(line: ReadLine, figures: Sequence[ReadLine]) -> int:
    if not _is_figure(line):
        return 0
    return sum(iou(figure.box, line.box) >= SAME_PLACE for figure in figures)
