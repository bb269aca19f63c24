"""Text that stands upside down, on its side or mirrored, as in a film that was turned.

Read the wrong way round, letters give others with middling scores ("GATE 17" gives "GAT17" at 0.8,
"TAXI 46" in a mirror "AIXAT" at 0.91), or nothing at all. So where a line of some length is not
sure, the picture is turned and read once more, in the first few pictures that give cause; later
ones only if that has found text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog_modules.text.ocr import ReadLine, TextReader, Turning
from vprog_modules.tracking.box_overlap import iou

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SURE = 0.9
"""Text that is read the wrong way up seldom has more."""

PLAIN = 0.95
"""Text that is read the right way round seldom has less; in a mirror it seldom has more."""

LEAST_LETTERS = 3
"""Scraps of one or two letters, which a reader finds everywhere, give no cause to turn."""

TRIES = 3

_UPSIDE_DOWN = Turning(quarters=2)
_MIRRORED = Turning(mirrored=True)
_ON_ITS_SIDE = (Turning(quarters=1), Turning(quarters=3))


class TurnedReader:
    """Reads the pictures of one video, turned ones as well where there is cause.

    Args:
        reader: holds the models.
        tries: how many pictures are turned before it is taken that none needs it.
        looks_sideways: whether pictures without any text are turned by a quarter too.
    """

    def __init__(
        self, reader: TextReader, *, tries: int = TRIES, looks_sideways: bool = False
    ) -> None:
        self._reader = reader
        self._tries_left = tries
        self._looks_sideways = looks_sideways
        self._turning: Turning | None = None
        """The one that has found text."""

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """The lines of a picture, in reading order; those that were turned come last."""
        lines = self._reader.read(pixels)
        if self._turning is not None:
            return _better_of(lines, self._reader.read(pixels, self._turning))
        if any(_is_doubtful(line, PLAIN) for line in lines):
            turnings = (_UPSIDE_DOWN, _MIRRORED)
        elif self._looks_sideways and not any(_is_text(line, SURE) for line in lines):
            turnings = _ON_ITS_SIDE
        else:
            return lines
        if not self._tries_left:
            return lines
        self._tries_left -= 1
        for turning in turnings:
            turned = self._reader.read(pixels, turning)
            best = _better_of(lines, turned)
            if best is not lines:
                self._turning = turning
                return best
            if turnings is _ON_ITS_SIDE and not any(_is_text(line, 0.5) for line in turned):
                break  # the wrong side up, text would have given something
        return lines


def _better_of(lines: list[ReadLine], turned: list[ReadLine]) -> list[ReadLine]:
    """The lines with those of a turned picture in their place, where these are clearly better."""
    better = [
        line
        for line in turned
        if _is_text(line, SURE) and not any(_beats(other, line) for other in lines)
    ]
    if not better:
        return lines
    return [line for line in lines if not any(_overlap(line, other) for other in better)] + better


def _is_text(line: ReadLine, least_score: float) -> bool:
    return _n_letters(line) >= LEAST_LETTERS and line.score >= least_score


def _is_doubtful(line: ReadLine, sure: float) -> bool:
    return _is_text(line, 0.5) and line.score < sure


def _beats(line: ReadLine, turned: ReadLine) -> bool:
    return line.score > turned.score - 0.05 and _overlap(line, turned)


def _overlap(a: ReadLine, b: ReadLine) -> bool:
    return iou(a.box, b.box) > 0.3 or _inside(a, b)


def _inside(a: ReadLine, b: ReadLine) -> bool:
    """Whether the middle of the first lies in the second: a piece of its line."""
    across, down = (a.box.x0 + a.box.x1) / 2, (a.box.y0 + a.box.y1) / 2
    return b.box.x0 < across < b.box.x1 and b.box.y0 < down < b.box.y1


def _n_letters(line: ReadLine) -> int:
    return sum(letter.isalnum() for letter in line.text)
