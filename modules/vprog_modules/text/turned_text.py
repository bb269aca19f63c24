"""Text that stands upside down or on its side, as in a film that was turned without a mark.

Read the wrong way up, letters give others with middling scores ("GATE 17" gives "GAT17" at 0.8).
So where a line of some length is not sure, the picture is turned and read once more, in the
first few pictures that give cause; later ones only if that has found text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog_modules.text.ocr import ReadLine, TextReader
from vprog_modules.tracking.box_overlap import iou

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SURE = 0.9
"""Text that is read the right way up seldom scores less; the wrong way up it seldom does more."""

LEAST_LETTERS = 3
"""Scraps of one or two letters, which a reader finds everywhere, give no cause to turn."""

TRIES = 3


class TurnedReader:
    """Reads the pictures of one video, turned ones as well where there is cause.

    Args:
        reader: holds the models.
        tries: how many pictures are turned before it is taken that none needs it.
    """

    def __init__(self, reader: TextReader, *, tries: int = TRIES) -> None:
        self._reader = reader
        self._tries_left = tries
        self._is_turned = False

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """The lines of a picture, in reading order; those that were turned come last."""
        lines = self._reader.read(pixels)
        if not self._is_turned:
            if not self._tries_left or not any(_is_doubtful(line) for line in lines):
                return lines
            self._tries_left -= 1
        turned = [
            line
            for line in self._reader.read(pixels, upside_down=True)
            if _n_letters(line) >= LEAST_LETTERS and line.score >= SURE
        ]
        better = [line for line in turned if not any(_beats(other, line) for other in lines)]
        if not better:
            return lines
        self._is_turned = True
        left = [line for line in lines if not any(_overlap(line, other) for other in better)]
        return left + better


def _is_doubtful(line: ReadLine) -> bool:
    return _n_letters(line) >= LEAST_LETTERS and 0.5 <= line.score < SURE


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
