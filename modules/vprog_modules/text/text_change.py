"""Whether text may have changed between two pictures, told without reading them.

Pictures are compared in blocks of about the size of a letter, so that one digit of a small
counter counts as much as a new title; blocks without edges hold no letters and do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.types import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

SIDE = 640
"""Pictures are compared at this size."""

BLOCK = 8
CHANGED = 5.0
"""Mean difference of a block, of 255: above what coding does to a still picture."""

CHANGED_SHARE = 0.06
"""The same, as a share of what the block spans: coding blurs sharp letters more."""

EDGE = 36
"""What a block with a letter in it spans from dark to light."""


def small_grey(pixels: NDArray[np.uint8]) -> Grey:
    """The picture as it is compared: grey, its longer side at most SIDE."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.uint8)


def may_differ(a: Grey, b: Grey) -> bool:
    """Whether some block with edges has changed between two pictures of one size."""
    import numpy as np

    if a.shape != b.shape:
        return True
    difference = _blocks(np.abs(a.astype(np.int16) - b)).mean(axis=(1, 3))
    if not (difference > CHANGED).any():
        return False
    spread = np.maximum(_range(a), _range(b))
    limit = np.maximum(CHANGED, CHANGED_SHARE * spread)
    return bool(((difference > limit) & (spread >= EDGE)).any())


def part_of(grey: Grey, box: Box, width: int) -> Grey:
    """The part of a small picture where a box of the whole frame lies; `width` is the frame's."""
    scale = grey.shape[1] / width
    x0, y0 = max(0, int(box.x0 * scale)), max(0, int(box.y0 * scale))
    x1, y1 = round(box.x1 * scale), round(box.y1 * scale)
    return grey[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].copy()


def _range(grey: Grey) -> NDArray[np.int16]:
    import numpy as np

    blocks = _blocks(grey.astype(np.int16))
    spread: NDArray[np.int16] = blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3))
    return spread


def _blocks(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """As (rows of blocks, BLOCK, columns of blocks, BLOCK); edges are repeated to fit."""
    import numpy as np

    height, width = values.shape
    padded = np.pad(values, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge")
    return padded.reshape(padded.shape[0] // BLOCK, BLOCK, -1, BLOCK)
