"""Bitmaps of masks as COCO writes them: run lengths down the columns, in compressed text.

    {"size": [height, width], "counts": "..."}

The text of this object is what caches and traces hold of a mask, and its SHA-256 is the mask's
`key`. The form is that of pycocotools (MS COCO API, BSD-2-Clause): runs of 0 and 1 in turn, each
from the third on as its difference to the one two before, in digits of five bits.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from vprog.errors import TraceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bitmap = NDArray[np.bool_]

MOST_PIXELS = 2**27
"""Of a bitmap that is read: 16K video has as many."""


class MaskRle(msgspec.Struct, frozen=True):
    """A bitmap as COCO writes it."""

    size: tuple[int, int]
    """Height and width."""
    counts: str

    def text(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @property
    def key(self) -> str:
        """The SHA-256 of the text: equal for equal bitmaps."""
        return key_of(self.text())


def key_of(text: str) -> str:
    """The key of a mask whose bitmap has this text."""
    return hashlib.sha256(text.encode()).hexdigest()


def encode_mask(bitmap: Bitmap) -> MaskRle:
    """A bitmap (height, width) in run lengths."""
    import numpy as np

    height, width = bitmap.shape
    flat = np.asarray(bitmap, bool).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate([[0], changes, [len(flat)]])
    runs = np.diff(ends).tolist()
    if len(flat) and flat[0]:
        runs = [0, *runs]  # the first run is of zeros
    return MaskRle((height, width), _digits(runs))


def decode_mask(text: str) -> Bitmap:
    """The bitmap (height, width) of a text that `encode_mask` or pycocotools made.

    Raises:
        TraceError: it is none of theirs.
    """
    import numpy as np

    try:
        rle = msgspec.json.decode(text, type=MaskRle)
        height, width = rle.size
        if height < 0 or width < 0 or height * width > MOST_PIXELS:
            raise ValueError(f"a bitmap of {height} x {width} pixels")
        runs = _runs(rle.counts, height * width)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise TraceError(
            f"a mask cannot be read: {error}.",
            hint="It was changed, or is none of COCO's run lengths.",
        ) from error
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def _digits(runs: list[int]) -> str:
    """Numbers in digits of five bits, lowest first, with a bit that says that more follow."""
    letters = []
    for index, run in enumerate(runs):
        number = run - runs[index - 2] if index > 2 else run
        more = True
        while more:
            digit = number & 0x1F
            number >>= 5
            more = number != -1 if digit & 0x10 else number != 0
            letters.append(chr((digit | 0x20 if more else digit) + 48))
    return "".join(letters)


def _runs(counts: str, n_pixels: int) -> list[int]:
    runs: list[int] = []
    number = shift = 0
    for letter in counts:
        digit = ord(letter) - 48
        if not 0 <= digit < 64 or shift > 40:
            raise ValueError(f"{letter!r} in its run lengths")
        number |= (digit & 0x1F) << shift
        shift += 5
        if digit & 0x20:
            continue
        if digit & 0x10:
            number |= -1 << shift
        if len(runs) > 2:
            number += runs[-2]
        if number < 0:
            raise ValueError("a run of less than no pixels")
        runs.append(number)
        number = shift = 0
    if shift or sum(runs) != n_pixels:
        raise ValueError(f"its runs have {sum(runs)} pixels, not {n_pixels}")
    return runs
