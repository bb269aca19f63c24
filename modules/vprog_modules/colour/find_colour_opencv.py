"""`find_colour`: where in a picture a colour is."""

from __future__ import annotations

from vprog.registry.call_context import Pixels, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Detection, Frame
from vprog_modules.colour.colour_names import colour_name
from vprog_modules.colour.colour_regions import MAX_SIDE, coloured_regions
from vprog_modules.frames.picture import placed_picture


@implements(
    "find_colour",
    needs=("cv2",),
    extra="offline",
    rank=10,
    backend="OpenCV regions",
    pixels=Pixels("frame", max_side=MAX_SIDE),
)
class FindColourRegions:
    """Connected components of the pixels that bear a colour's name."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        frame: Frame,
        colour: str,
        *,
        min_area: float = 0.002,
    ) -> list[Detection]:
        name = colour_name("find_colour(frame, colour)", colour)
        context = current()
        picture = placed_picture(context, frame, context.pictures[0])
        return coloured_regions(picture, frame, name, min_area, colour)[:MAX_ITEMS]
