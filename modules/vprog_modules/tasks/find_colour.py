"""`find_colour`: where in a picture a colour is."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import PHRASE, SCORE, Detection, Frame, Grid


@task
def find_colour(
    frame: Frame,
    colour: Annotated[str, PHRASE],
    *,
    min_area: Annotated[float, SCORE, Grid((0.0005, 0.002, 0.01, 0.05))] = 0.002,
) -> list[Detection]:
    """Find the connected regions of one colour in a picture.

    Knows colours, not things: a red car and a red wall behind it are one region, and a
    thing of two colours is only found by one of them.

    Args:
        frame: the picture; a region limits the search to it.
        colour: red, orange, yellow, green, cyan, blue, purple, pink, brown, black,
            grey or white.
        min_area: the least size of a region, as a share of the picture, in [0, 1].

    Returns:
        Detections, largest first; label: the colour as asked for; box in pixels of the
        whole frame; score in [0, 1]: how surely the pixels bear this name and not the
        next. Empty if the colour does not occur in such a region.

    Raises:
        ModuleInputError: the colour is not one of these.

    Example:
        >>> find_colour(frame, "red")[0].box
        Box(x0=40.0, y0=60.0, x1=80.0, y1=100.0)
    """
