"""`detect`: things of one kind in a picture."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, SCORE, Detection, Frame, Grid


@task
def detect(
    frame: Frame,
    label: Annotated[str, PHRASE],
    *,
    min_score: Annotated[float, SCORE, Grid((0.1, 0.25, 0.5))] = 0.25,
) -> list[Detection]:
    """Find every thing of one kind in a picture.

    Args:
        frame: the picture to look at; a region limits the search to it.
        label: one English noun phrase, e.g. "person".
        min_score: drop boxes scored lower; in [0, 1].

    Returns:
        Detections, best first, each thing once; box in pixels of the whole frame. Empty if
        none is seen, which is weak evidence that there is none.

    Raises:
        ModuleInputError: the label is blank, or one that the model does not know.

    Example:
        >>> len(detect(frame_at(video, 2.0), "person"))
        3
    """
