"""`mask_overlap` and `combine_masks`: plain numpy over the bitmaps that the run holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bitmap = NDArray[np.bool_]


@implements("mask_overlap", backend="bitmaps", parallel=True)
class MaskOverlapBitmaps:
    """Counts pixels."""

    def __call__(self, a: Mask, b: Mask) -> float:
        one, other = _bitmaps("mask_overlap", a, b)
        return float((one & other).sum() / (one | other).sum())


@implements("combine_masks", backend="bitmaps", parallel=True)
class CombineMasksBitmaps:
    """Takes pixels together."""

    def __call__(
        self, a: Mask, b: Mask, how: Literal["both", "either", "first only"]
    ) -> list[Mask]:
        if a.frame._replace(region=None) != b.frame._replace(region=None):
            raise ModuleInputError(
                f"combine_masks(a, b): they are of two frames, at {a.frame.time:g} s and "
                f"{b.frame.time:g} s of videos {a.frame.video} and {b.frame.video}.",
                hint="Combine masks of one frame; mask_overlap compares places.",
            )
        one, other = _bitmaps("combine_masks", a, b)
        bitmap = {"both": one & other, "either": one | other, "first only": one & ~other}[how]
        if not bitmap.any():
            return []
        return [current().mask(a.frame, bitmap, min(a.score, b.score))]


def _bitmaps(task: str, a: Mask, b: Mask) -> tuple[Bitmap, Bitmap]:
    one, other = (current().bitmap(mask) for mask in (a, b))
    if one.shape != other.shape:
        raise ModuleInputError(
            f"{task}(a, b): their frames have {one.shape[1]} x {one.shape[0]} and "
            f"{other.shape[1]} x {other.shape[0]} pixels.",
            hint="Take masks of frames of one size.",
        )
    return one, other
