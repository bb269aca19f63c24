"""`mask_overlap`: how much two outlined things share."""

from __future__ import annotations

from vprog.registry.task import task
from vprog.types import Mask


@task(looks=False, passes_on=())
def mask_overlap(a: Mask, b: Mask) -> float:
    """How much two masks overlap, pixel by pixel: intersection over union, in [0, 1].

    Args:
        a: from `segment` or another module.
        b: likewise, of a frame of the same size; of another frame its place is compared.

    Returns:
        1.0 for equal masks, 0.0 for masks that share no pixel.

    Raises:
        ModuleInputError: no module of this run gave a mask, or their frames differ in size.

    Example:
        >>> mask_overlap(cup, table)
        0.08
    """
