"""What changed between two pictures, apart from the light, and whether the camera moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

CHANGED = 18.0
"""Grey levels of 255 by which a pixel must differ: above noise and compression."""


class Shift(NamedTuple):
    """How far the whole picture went, in pixels, and how sure that is, in [0, 1]."""

    x: float
    y: float
    sureness: float


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey levels of an RGB picture, slightly smoothed: (H, W)."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), np.uint8)


def relit(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Plane:
    """`before` in the light of `after`: gain and offset fitted to the pixels that stayed."""
    import numpy as np

    x = before.astype(np.float32)
    y = after.astype(np.float32)
    offset = float(np.median(y - x))
    gain = 1.0
    for _ in range(2):
        stays = np.abs(gain * x + offset - y) < CHANGED
        if stays.mean() < 0.3:
            break
        xs, ys = x[stays], y[stays]
        spread = float(xs.var())
        if spread < 25.0:
            offset = float((ys - gain * xs).mean())
            break
        gain = float(np.clip(((xs - xs.mean()) * (ys - ys.mean())).mean() / spread, 0.5, 2.0))
        offset = float(ys.mean() - gain * xs.mean())
    return np.asarray(gain * x + offset, np.float32)


def changed_mask(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where two grey pictures differ by more than light and noise: (H, W)."""
    import numpy as np

    return np.asarray(np.abs(relit(before, after) - after.astype(np.float32)) > CHANGED)


def likeness(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Correlation of two grey pictures in [-1, 1]: 1 for one structure in any light.

    A flat picture has no structure: two flat ones are alike, a flat one and another are not.
    """
    import numpy as np

    x = a.astype(np.float32) - np.float32(a.mean())
    y = b.astype(np.float32) - np.float32(b.mean())
    x_power, y_power = float((x * x).mean()), float((y * y).mean())
    if x_power < 4.0 and y_power < 4.0:
        return 1.0
    if x_power < 4.0 or y_power < 4.0:
        return 0.0
    return float((x * y).mean()) / math.sqrt(x_power * y_power)


def shift_between(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Shift:
    """How the whole picture moved from one grey picture to another, by phase correlation."""
    import cv2
    import numpy as np

    a, b = before.astype(np.float32), after.astype(np.float32)
    if float(a.var()) < 4.0 or float(b.var()) < 4.0:
        return Shift(0.0, 0.0, 0.0)
    window = cv2.createHanningWindow((a.shape[1], a.shape[0]), cv2.CV_32F)
    (x, y), response = cv2.phaseCorrelate(a, b, window)
    return Shift(float(x), float(y), float(min(max(response, 0.0), 1.0)))
