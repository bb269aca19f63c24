"""`combine_masks`: one mask of two."""

from __future__ import annotations

from typing import Literal

from vprog.registry.task import task
from vprog.types import Mask


@task(looks=False, passes_on=("a", "b"))
def combine_masks(a: Mask, b: Mask, how: Literal["both", "either", "first only"]) -> list[Mask]:
    """The pixels that two masks have in common, have together, or that only the first has.

    Args:
        a: from `segment` or another module.
        b: likewise, of the same frame.
        how: "both" for the intersection, "either" for the union, "first only" for `a` without `b`.

    Returns:
        One mask, with the lower of the two scores; empty where no pixel is left.

    Raises:
        ModuleInputError: no module of this run gave a mask, or they are of two frames.

    Example:
        >>> shared = combine_masks(cup, table, "both")
        >>> sum(mask.area for mask in shared) / cup.area
        0.31
    """
