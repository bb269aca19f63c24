"""How light pixels are, and when a picture counts as black."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLACK_MEAN = 12.0 / 255.0
"""A black picture is darker than this on average..."""

BLACK_PIXEL = 0.12
BLACK_SHARE = 0.95
"""... and this share of its pixels is darker than BLACK_PIXEL: a logo may stay."""

COLOURED = 2 * BLACK_MEAN
"""From this mean of the strongest channel on a dark picture has a colour: pure blue has a ninth of
the luma of white."""


def luma_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma in [0, 1] of an RGB picture (H, W, 3), by ITU-R BT.601: (H, W)."""
    import numpy as np

    weights = np.array([0.299, 0.587, 0.114], np.float32) / np.float32(255)
    return np.asarray(pixels.astype(np.float32) @ weights, np.float32)


def is_black(pixels: NDArray[np.uint8], luma: NDArray[np.float32]) -> bool:
    """Whether an RGB picture (H, W, 3) with this luma (H, W) counts as black."""
    if not (luma.mean() < BLACK_MEAN and (luma < BLACK_PIXEL).mean() >= BLACK_SHARE):
        return False
    return bool(pixels.max(axis=-1).mean() < COLOURED * 255)
