"""The pixels a frame names, and the way back from them to pixels of the whole frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vprog.registry.call_context import CallContext
from vprog.types import Box, Frame, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Plane = NDArray[np.float32]


class PixelArea(NamedTuple):
    """Pixels, where their corner lies in the whole frame, and how large one of them is there."""

    pixels: Pixels  # (H, W, 3) RGB
    left: float
    top: float
    scale_x: float
    scale_y: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """A rectangle of these pixels, cut to the picture, as a Box of the whole frame."""
        height, width = self.pixels.shape[:2]
        x0, x1 = (min(max(float(side), 0.0), float(width)) for side in (x0, x1))
        y0, y1 = (min(max(float(side), 0.0), float(height)) for side in (y0, y1))
        return Box(
            round(self.left + x0 * self.scale_x, 2),
            round(self.top + y0 * self.scale_y, 2),
            round(self.left + x1 * self.scale_x, 2),
            round(self.top + y1 * self.scale_y, 2),
        )


def picture_of(media: CallContext, frame: Frame, max_side: int | None = None) -> PixelArea:
    """The pixels that a frame names, no larger than `max_side`."""
    return placed_picture(media, frame, media.pixels(frame, max_side=max_side))


def placed_picture(media: CallContext, frame: Frame, pixels: Pixels) -> PixelArea:
    """Pixels that are a frame's, perhaps scaled down, with their position in the whole frame."""
    area = media.area(frame)
    rows, columns = pixels.shape[:2]
    return PixelArea(
        pixels, area.x0, area.y0, (area.x1 - area.x0) / columns, (area.y1 - area.y0) / rows
    )


def whole_picture(pixels: Pixels, video: Video) -> PixelArea:
    """Pixels that show a whole frame of a video, perhaps scaled down."""
    rows, columns = pixels.shape[:2]
    return PixelArea(pixels, 0.0, 0.0, video.width / columns, video.height / rows)
