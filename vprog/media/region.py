"""The part of a picture that a frame's region names, in whole pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vprog.errors import ModuleInputError, NoVideoStreamError
from vprog.types.frame import Frame, Video
from vprog.types.geometry import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def area_of(frame: Frame, video: Video, name: str) -> Box:
    """The whole frame, or its region rounded outward and cut to the picture.

    Raises:
        NoVideoStreamError: the file has sound only.
        ModuleInputError: the time is not finite, or the region lies outside the picture.
    """
    if not video.width:
        raise NoVideoStreamError(
            f"video {frame.video} ({name}) has sound only.",
            hint="Ask for its speech or its sound.",
        )
    if not math.isfinite(frame.time):
        raise ModuleInputError(
            f"frame of video {frame.video}: its time must be finite, got {frame.time}.",
            hint="Give seconds within the video.",
        )
    region = frame.region
    if region is None:
        return Box(0.0, 0.0, float(video.width), float(video.height))
    if not all(math.isfinite(side) for side in region):
        raise ModuleInputError(
            f"frame of video {frame.video}: its region must be finite, got {region}.",
            hint="Give pixels of the whole frame.",
        )
    box = Box(
        float(max(0, math.floor(region.x0))),
        float(max(0, math.floor(region.y0))),
        float(min(video.width, math.ceil(region.x1))),
        float(min(video.height, math.ceil(region.y1))),
    )
    if box.x0 >= box.x1 or box.y0 >= box.y1:
        raise ModuleInputError(
            f"frame of video {frame.video}: the region {region} lies outside the picture "
            f"of {video.width} x {video.height} pixels.",
            hint="Give a box with x0 < x1 and y0 < y1 inside the picture.",
        )
    return box


def whole_limit(area: Box, video: Video, max_side: int | None) -> int | None:
    """How long the whole picture's longer side must be for the area's to be `max_side`.

    None where nothing is to be scaled down.
    """
    if max_side is None:
        return None
    scale = min(1.0, max_side / max(area.x1 - area.x0, area.y1 - area.y0))
    longer = max(video.width, video.height)
    limit = max(1, math.ceil(scale * longer))
    return None if limit >= longer else limit


def cut(
    whole: NDArray[np.uint8], area: Box, video: Video, max_side: int | None
) -> NDArray[np.uint8]:
    """The area out of a picture that may have been scaled down."""
    height, width = whole.shape[:2]
    across, down = width / video.width, height / video.height
    x0, x1 = _ends(area.x0 * across, area.x1 * across, width, max_side)
    y0, y1 = _ends(area.y0 * down, area.y1 * down, height, max_side)
    return whole[y0:y1, x0:x1].copy()


def _ends(low: float, high: float, size: int, max_side: int | None) -> tuple[int, int]:
    start = min(round(low), size - 1)
    stop = max(start + 1, min(round(high), size))
    if max_side is not None:
        stop = min(stop, start + max_side)
    return start, stop
