"""`find_colour`: where in a picture a colour is."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import MAX_ITEMS, PHRASE, SCORE, Detection, Frame, Grid
from vprog_modules.colour.colour_names import colour_name
from vprog_modules.colour.colour_regions import MAX_SIDE, coloured_regions
from vprog_modules.frames.picture import picture_of


@module("find_colour", needs=("cv2",), extra="offline", rank=10, backend="OpenCV regions")
class FindColourRegions:
    """Connected components of the pixels that bear a colour's name."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
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
        name = colour_name("find_colour(frame, colour)", colour)
        picture = picture_of(current(), frame, max_side=MAX_SIDE)
        return coloured_regions(picture, frame, name, min_area, colour)[:MAX_ITEMS]
