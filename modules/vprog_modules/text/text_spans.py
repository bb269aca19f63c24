"""Lines of text followed through time: what was read in samples becomes spans.

A span is what was certainly seen: its edges are moved out from the samples only as far as
the picture within its box stays the same. Reading is for ocr.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from vprog.types import Box, TextSpan
from vprog_modules.text.ocr import ReadLine
from vprog_modules.text.text_change import may_differ, part_of
from vprog_modules.tracking.box_overlap import iou

if TYPE_CHECKING:
    from vprog_modules.text.text_change import Grey

ALIKE = 0.8
SAME_PLACE = 0.3


class _Votes(NamedTuple):
    total: float
    n: int
    best: ReadLine


@dataclass
class Followed:
    """One line while it is followed. `before` and `after` are the nearest samples without it."""

    first: float
    last: float
    first_line: ReadLine
    last_line: ReadLine
    first_part: Grey
    last_part: Grey
    before: float | None = None
    after: float | None = None
    votes: dict[str, _Votes] = field(default_factory=dict)

    def vote(self, line: ReadLine) -> None:
        """Count a text that was read."""
        known = self.votes.get(line.text, _Votes(0.0, 0, line))
        best = max(known.best, line, key=lambda each: each.score)
        self.votes[line.text] = _Votes(known.total + line.score, known.n + 1, best)


class TextFollower:
    """Takes what was read sample by sample, in order of time."""

    def __init__(self, width: int) -> None:
        self.done: list[Followed] = []
        self._width = width
        self._alive: list[Followed] = []
        self._time: float | None = None

    def same(self, time: float) -> None:
        """Nothing has changed since the sample before."""
        for open_line in self._alive:
            open_line.last = time
        self._time = time

    def read(self, time: float, lines: Sequence[ReadLine], grey: Grey) -> None:
        """What was read at a time, and the small picture it was read in."""
        left = list(self._alive)
        alive: list[Followed] = []
        for line in lines:
            known = _known(left, line)
            part = part_of(grey, line.box, self._width)
            if known is None:
                known = Followed(time, time, line, line, part, part, before=self._time)
            else:
                left.remove(known)
                known.last, known.last_line, known.last_part = time, line, part
            known.vote(line)
            alive.append(known)
        for item in left:
            if may_differ(item.last_part, part_of(grey, item.last_line.box, self._width)):
                item.after = time
                self.done.append(item)
            else:  # overlooked: the picture is still the same there
                item.last = time
                alive.append(item)
        self._alive, self._time = alive, time

    def finish(self) -> list[Followed]:
        """All lines, in order of time, those still standing included."""
        self.done += self._alive
        self._alive = []
        return sorted(
            self.done, key=lambda each: (each.first, each.first_line.box.y0, each.first_line.box.x0)
        )


Edge = tuple[float, float]
"""Two samples next to each other, between which some line comes or goes."""


def edges_of(lines: Sequence[Followed]) -> list[Edge]:
    """Where lines come or go, in order of time, each once."""
    comes = {(line.before, line.first) for line in lines if line.before is not None}
    goes = {(line.last, line.after) for line in lines if line.after is not None}
    return sorted(comes | goes)


def refine(
    lines: Sequence[Followed], frames: Iterable[tuple[Edge, float, Grey]], width: int
) -> list[Edge]:
    """When each line comes and goes, to the frame.

    Args:
        lines: all of them.
        frames: small pictures between the samples of an edge, in order of time.
        width: that of the whole frame.

    Returns:
        Start and end of each line.
    """
    starts = [line.first for line in lines]
    ends = [line.last if line.after is None else line.after for line in lines]
    comes: dict[Edge, list[int]] = {}
    goes: dict[Edge, list[int]] = {}
    for at, each in enumerate(lines):
        if each.before is not None:
            comes.setdefault((each.before, each.first), []).append(at)
        if each.after is not None:
            goes.setdefault((each.last, each.after), []).append(at)
    for edge, time, grey in frames:
        for at in comes.get(edge, ()):
            part = part_of(grey, lines[at].first_line.box, width)
            if may_differ(lines[at].first_part, part):
                starts[at] = lines[at].first
            else:
                starts[at] = min(starts[at], time)
        for at in goes.get(edge, ()):
            part = part_of(grey, lines[at].last_line.box, width)
            if time < ends[at] and may_differ(lines[at].last_part, part):
                ends[at] = time
    return list(zip(starts, ends, strict=True))


def span_of_line(line: Followed, start: float, end: float) -> TextSpan:
    """The span of a line: of all texts read there the one with most votes, as it was read best."""
    text, votes = max(line.votes.items(), key=lambda each: each[1].total)
    alike = [each for other, each in line.votes.items() if same_text(other, text)]
    score = sum(item.total for item in alike) / sum(element.n for element in alike)
    box = Box(*(round(side, 1) for side in votes.best.box))
    return TextSpan(text, start, end, box, round(score, 4))


def same_text(a: str, b: str) -> bool:
    """Whether two texts that were read are one: equal digits, nearly equal letters."""
    if a == b:
        return True
    plain_a, plain_b = ("".join(item.casefold().split()) for item in (a, b))
    digits_a, digits_b = (
        "".join(letter for letter in element if letter.isdigit()) for element in (plain_a, plain_b)
    )
    if digits_a != digits_b:
        return False
    return difflib.SequenceMatcher(None, plain_a, plain_b, autojunk=False).ratio() >= ALIKE


def _known(alive: Sequence[Followed], line: ReadLine) -> Followed | None:
    """The line that a text belongs to: alike in the same place, or else equal and moved."""
    near = [
        open_line
        for open_line in alive
        if iou(open_line.last_line.box, line.box) >= SAME_PLACE
        and same_text(open_line.last_line.text, line.text)
    ]
    if near:
        return max(near, key=lambda each: iou(each.last_line.box, line.box))
    moved = [item for item in alive if item.last_line.text == line.text and len(line.text) > 3]
    return moved[0] if len(moved) == 1 else None
