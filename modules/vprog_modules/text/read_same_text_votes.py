"""`read_same_text` by the module that serves `read_text`, asked for each frame.

The texts of one line vote character by character, as in ROVER (Fiscus, 1997) recognisers do word
by word: they are aligned with the one that is nearest to all others, and each votes with its
score, also for the absence of a character that it does not have.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Box, Frame, TextLine
from vprog_modules.tracking.box_overlap import iou

SAME_PLACE = 0.3
"""Overlap from which on two boxes are those of one line: noise makes boxes longer and shorter."""

ALIKE = 0.5
"""Likeness from which on two lines read in one place are one text, with other errors."""


@implements(
    "read_same_text",
    asks=("read_text",),
    parallel=True,
    backend="votes over what `read_text` reads",
)
class ReadSameTextVotes:
    """Lines of one place, aligned and voted on."""

    def __call__(self, frames: list[Frame], *, min_score: float = 0.3) -> list[TextLine]:
        read = current().ask(
            "read_text", [{"frame": frame, "min_score": min_score} for frame in frames]
        )
        groups: list[list[TextLine]] = []
        for lines in read:
            _join(groups, lines)
        agreed = [_agreed(group) for group in groups if 2 * len(group) >= len(frames)]
        return sorted(agreed, key=lambda line: (line.box.y0 + line.box.y1, line.box.x0))


class AgreedText(NamedTuple):
    """The text that won; `agreement` is that on the character agreed on least, in [0, 1]."""

    text: str
    agreement: float


def agree(texts: Sequence[tuple[str, float]]) -> AgreedText:
    """The text that most agree on, character by character.

    Args:
        texts: with their scores in [0, 1], at least one. The agreement on a character is the sum
            of the scores of those that have it there, over the number of all.

    Raises:
        ValueError: there is none.
    """
    if not texts:
        raise ValueError("agree(texts): there is none.")
    centre = _centre([text for text, _ in texts])
    # A slot for each character of the centre, and one before each and at the end for insertions.
    votes: list[dict[str, float]] = [{} for _ in range(2 * len(centre) + 1)]
    for text, score in texts:
        for slot, part in enumerate(_aligned(centre, text)):
            votes[slot][part] = votes[slot].get(part, 0.0) + score
    won = [max(parts.items(), key=lambda part: part[1]) for parts in votes]
    agreed = "".join(part for part, _ in won)
    return AgreedText(agreed, min(weight for _, weight in won) / len(texts))


def likeness(one: str, other: str) -> float:
    """How alike two texts are, in [0, 1]."""
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _centre(texts: Sequence[str]) -> str:
    """The text that is most alike to all others; the first of equals."""
    return max(texts, key=lambda text: sum(likeness(text, other) for other in texts))


def _aligned(centre: str, text: str) -> list[str]:
    """What a text has in each slot: before the first character of the centre, at it, and so on."""
    slots = [""] * (2 * len(centre) + 1)
    matcher = difflib.SequenceMatcher(None, centre, text, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        part = text[first:last]
        if kind == "insert":
            slots[2 * start] += part
            continue
        for at in range(start, end):
            slots[2 * at + 1] = part[at - start : at - start + 1]
        slots[2 * end] += part[end - start :]
    return slots


def _join(groups: list[list[TextLine]], lines: Iterable[TextLine]) -> None:
    """Put the lines of a further frame to the groups that they belong to; others begin one."""
    open_groups = list(groups)
    for line in lines:
        near = [group for group in open_groups if _is_same(group[-1], line)]
        if near:
            group = max(near, key=lambda group: iou(_place(group[-1]), _place(line)))
            open_groups.remove(group)
            group.append(line)
        else:
            groups.append([line])


def _is_same(one: TextLine, other: TextLine) -> bool:
    is_there = iou(_place(one), _place(other)) >= SAME_PLACE
    return is_there and likeness(one.text, other.text) >= ALIKE


def _place(line: TextLine) -> Box:
    """The box of a line; in a frame that is limited to a region, as shares of that."""
    box, region = line.box, line.frame.region
    if region is None:
        return box
    width, height = max(1e-6, region.x1 - region.x0), max(1e-6, region.y1 - region.y0)
    return Box(
        (box.x0 - region.x0) / width,
        (box.y0 - region.y0) / height,
        (box.x1 - region.x0) / width,
        (box.y1 - region.y0) / height,
    )


def _agreed(group: Sequence[TextLine]) -> TextLine:
    """The line that those of one place agree on."""
    text, agreement = agree([(line.text, line.score) for line in group])
    nearest = max(group, key=lambda line: (likeness(line.text, text), line.score))
    return nearest._replace(text=text, score=round(agreement, 4))
