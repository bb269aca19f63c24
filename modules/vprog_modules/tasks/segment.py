"""`segment`: the outlines of things of one kind in a picture."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, SCORE, Frame, Grid, Mask


@task
def segment(
    frame: Frame,
    label: Annotated[str, PHRASE],
    *,
    min_score: Annotated[float, SCORE, Grid((0.1, 0.25, 0.5))] = 0.25,
) -> list[Mask]:
    """Outline every thing of one kind in a picture, pixel by pixel.

    For how large a thing is, or what covers what: mask.area is its size in pixels.

    Args:
        frame: the picture to look at; a region limits the search to it.
        label: one English noun phrase, e.g. "person".
        min_score: drop things scored lower; in [0, 1].

    Returns:
        Masks, best first, each thing once; box in pixels of the whole frame, area in pixels of
        it. Empty if none is seen, which is weak evidence that there is none.

    Raises:
        ModuleInputError: the label is blank, or one that the detector does not know.

    Example:
        >>> segment(frame_at(video, 2.0), "dog")[0].area
        10442.0
    """
