"""Metrics of masks through a video: region similarity J, contour accuracy F, and their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bitmap = NDArray[np.bool_]

BOUND = 0.008
"""How far contours may lie apart, as a share of the picture's diagonal."""


def region_similarity(predicted: Bitmap, gold: Bitmap) -> float:
    """J of one frame: the IoU of two masks (height, width); 1.0 where both are empty.

        J = |P n G| / |P u G|

    Raises:
        ValueError: the masks are of different sizes.

    Source: Perazzi et al., A Benchmark Dataset and Evaluation Methodology for Video Object
    Segmentation (DAVIS), CVPR 2016.
    """
    one, other = _masks(predicted, gold)
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def contour_accuracy(predicted: Bitmap, gold: Bitmap, *, bound: float = BOUND) -> float:
    """F of one frame: the F-measure of the points of two contours that lie near the other.

        F = 2 P_c R_c / (P_c + R_c)

    A point counts where the other contour is at most `bound` diagonals (rounded up to pixels)
    away. Where both masks have no contour it is 1.0, where one has none 0.0.

    Raises:
        ValueError: the masks are of different sizes.

    Source: as `region_similarity`.
    """
    one, other = (_contour(mask) for mask in _masks(predicted, gold))
    n_one, n_other = int(one.sum()), int(other.sum())
    if not n_one or not n_other:
        return float(n_one == n_other)
    radius = math.ceil(bound * math.hypot(*one.shape))
    precision = int((one & _grown(other, radius)).sum()) / n_one
    recall = int((other & _grown(one, radius)).sum()) / n_other
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def j_and_f(predicted: Sequence[Bitmap], gold: Sequence[Bitmap]) -> tuple[float, float, float]:
    """J, F and J&F of a video: means over its frames, and the mean of both.

    The traps: DAVIS leaves out the first and the last frame, whose masks are given there;
    ReVOS and ReasonVOS, where a sentence is given instead, count every frame, as here. A frame
    that was not predicted is an empty mask, not one fewer.

    Raises:
        ValueError: there is no frame, or the videos are of different length.

    Source: as `region_similarity`; Yan et al., VISA (ReVOS), ECCV 2024.
    """
    if not gold or len(predicted) != len(gold):
        raise ValueError(
            f"j_and_f: there must be as many masks as frames, got {len(predicted)} and {len(gold)}."
        )
    pairs = list(zip(predicted, gold, strict=True))
    j = math.fsum(region_similarity(one, other) for one, other in pairs) / len(pairs)
    f = math.fsum(contour_accuracy(one, other) for one, other in pairs) / len(pairs)
    return j, f, (j + f) / 2


def _masks(predicted: Any, gold: Any) -> tuple[Bitmap, Bitmap]:
    import numpy as np

    one, other = np.asarray(predicted, dtype=bool), np.asarray(gold, dtype=bool)
    if one.shape != other.shape or one.ndim != 2:
        raise ValueError(
            f"two masks must be (height, width) of one size, got {one.shape} and {other.shape}."
        )
    return one, other


def _contour(mask: Bitmap) -> Bitmap:
    """The pixels that differ from the one to the right, below, or both."""
    import numpy as np

    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, below, both = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    contour: Bitmap = (mask ^ right) | (mask ^ below) | (mask ^ both)
    return contour


def _grown(contour: Bitmap, radius: int) -> Bitmap:
    """What lies within so many pixels of a contour."""
    import numpy as np

    height, width = contour.shape
    padded = np.pad(contour, radius)
    grown = np.zeros_like(contour)
    for down in range(-radius, radius + 1):
        for right in range(-radius, radius + 1):
            if down * down + right * right <= radius * radius:
                top, left = radius + down, radius + right
                grown |= padded[top : top + height, left : left + width]
    return grown
