"""What changed between two pictures, apart from the light, and whether the camera moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

CELLS, LEAST_CELLS = (8, 6), 16
CHANGED = 18.0
"""Grey levels of 255 by which a pixel must differ: above noise and compression."""


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


def camera_shift(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """How far most of the picture moved from one grey picture to another, in pixels.

    The median over a grid of cells of how far corners in them went (Lucas and Kanade's
    optical flow), so that a thing that moves counts for its cells only. 0.0 where too few
    cells have corners to tell.
    """
    import cv2
    import numpy as np

    corners = cv2.goodFeaturesToTrack(before, 300, 0.02, max(4, max(before.shape) / 48))
    if corners is None:
        return 0.0
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, corners, np.empty_like(corners), winSize=(15, 15), maxLevel=3
    )
    cells: dict[tuple[int, int], list[float]] = {}
    for (x, y), (u, v), is_found in zip(
        corners.reshape(-1, 2), there.reshape(-1, 2), found.ravel(), strict=True
    ):
        if is_found:
            cell = int(x * CELLS[0] / before.shape[1]), int(y * CELLS[1] / before.shape[0])
            cells.setdefault(cell, []).append(math.hypot(float(u - x), float(v - y)))
    if len(cells) < LEAST_CELLS:
        return 0.0
    ways = sorted(sorted(cell)[len(cell) // 2] for cell in cells.values())
    return ways[len(ways) // 2]
