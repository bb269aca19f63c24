"""Connected things in a mask of what stands before the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vprog.types import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_AREA = 0.0006
"""Of the picture: about 14 x 14 pixels of 640 x 480."""


class Component(NamedTuple):
    """A box, in pixels of the mask, and the share of the box that is filled."""

    box: Box
    fill: float
    n_pixels: int
    contrast: float


def components_of(mask: NDArray[np.bool_], contrast: NDArray[np.float32]) -> list[Component]:
    """The things in a mask, largest first; holes closed, specks dropped.

    Args:
        mask: (h, w).
        contrast: against the background, in units of what is needed, (h, w).
    """
    import cv2
    import numpy as np

    side = max(mask.shape)
    plane: Any = mask.astype(np.uint8)
    if side >= 200:  # tiny pictures are drawn ones or thumbnails: take them as they are
        plane = cv2.morphologyEx(plane, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        around = max(3, round(side / 96)) | 1
        tall = np.ones((around + around // 2 * 2, around), np.uint8)
        plane = cv2.morphologyEx(plane, cv2.MORPH_CLOSE, tall)
    n_found, labels, stats, _ = cv2.connectedComponentsWithStats(plane, connectivity=8)
    found = []
    for at in range(1, n_found):
        x, y, width, height, _ = (int(stat) for stat in stats[at])
        here = (slice(y, y + height), slice(x, x + width))
        inside = (labels[here] == at) & mask[here]
        n_pixels = int(inside.sum())
        if n_pixels < max(4.0, LEAST_AREA * mask.size):
            continue
        ys, xs = np.nonzero(inside)
        box = Box(
            float(x + xs.min()),
            float(y + ys.min()),
            float(x + xs.max() + 1),
            float(y + ys.max() + 1),
        )
        found.append(
            Component(
                box, n_pixels / (width * height), n_pixels, float(contrast[here][inside].mean())
            )
        )
    return sorted(found, key=lambda each: (-each.n_pixels, each.box))
