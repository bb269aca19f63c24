"""What a person looks like to a tracker: the colours of head, trunk and legs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.types import Box
from vprog_modules.colour.colour_names import NAMES, codes_of

if TYPE_CHECKING:
    from vprog_modules.frames.picture import Pixels
    from vprog_modules.tracking.association import Look

_STRIPS = ((0.0, 0.2), (0.2, 0.55), (0.55, 1.0))


def look_of(pixels: Pixels, box: Box) -> Look:
    """A vector of length 1; the product of two is their likeness in [0, 1].

    Args:
        pixels: the whole picture, (H, W, 3).
        box: in pixels of it.
    """
    import numpy as np

    height, width = pixels.shape[:2]
    inset = 0.2 * (box.x1 - box.x0)
    x0 = min(max(int(box.x0 + inset), 0), width - 1)
    x1 = max(min(int(box.x1 - inset), width), x0 + 1)
    parts = []
    for top, bottom in _STRIPS:
        y0 = min(max(int(box.y0 + top * (box.y1 - box.y0)), 0), height - 1)
        y1 = max(min(int(box.y0 + bottom * (box.y1 - box.y0)), height), y0 + 1)
        part = pixels[y0:y1, x0:x1]
        counts = np.bincount(codes_of(part).ravel(), minlength=len(NAMES)).astype(np.float32)
        light = np.bincount((part.mean(axis=2) / 43).astype(int).ravel(), minlength=6)[:6]
        parts += [counts / counts.sum(), light.astype(np.float32) / counts.sum()]
    joined = np.sqrt(np.concatenate(parts))
    return np.asarray(joined / np.linalg.norm(joined), np.float32)
