"""Where a thing is to be outlined: from pixels of the frame to those of the picture shown.

What a model is shown may be a part of the frame, scaled down. A place is taken there as numbers
with fractions, so that going there and back gives the same place.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from vprog.errors import ModuleInputError
from vprog.types import Box
from vprog_modules.frames.picture import PixelArea

Points = list[tuple[float, float]]

MOST_POINTS = 64


class Prompt(NamedTuple):
    """What a segmenter is told, in pixels of the picture that it is shown."""

    box: Box | None
    points: Points
    n_inside: int
    """So many of the points, the first, are of the thing; the others are not."""


def prompt_of(place: Box | Points, without: Points | None, picture: PixelArea) -> Prompt:
    """The place in pixels of the picture.

    Raises:
        ModuleInputError: it lies outside the picture, or is no place.
    """
    others = without or []
    inside = [] if isinstance(place, Box) else place
    if not (isinstance(place, Box) or inside):
        raise _refused("expected a box, or at least one point, got []")
    if len(inside) + len(others) > MOST_POINTS:
        raise _refused(f"expected at most {MOST_POINTS} points, got {len(inside) + len(others)}")
    points = [_shown(point, picture) for point in (*inside, *others)]
    if not isinstance(place, Box):
        return Prompt(None, points, len(inside))
    (x0, y0), (x1, y1) = (
        _moved(corner, picture) for corner in ((place.x0, place.y0), (place.x1, place.y1))
    )
    height, width = picture.pixels.shape[:2]
    box = Box(max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
    if not (box.x0 < box.x1 and box.y0 < box.y1):
        raise _refused(f"{place} has no part inside the picture")
    return Prompt(box, points, 0)


def _shown(point: tuple[float, float], picture: PixelArea) -> tuple[float, float]:
    x, y = _moved(point, picture)
    height, width = picture.pixels.shape[:2]
    if not (0 <= x <= width and 0 <= y <= height):
        raise _refused(f"the point {point} lies outside the picture")
    return x, y


def _moved(point: tuple[float, float], picture: PixelArea) -> tuple[float, float]:
    if not all(math.isfinite(side) for side in point):
        raise _refused(f"the point {point} is not finite")
    return (
        (point[0] - picture.left) / picture.scale_x,
        (point[1] - picture.top) / picture.scale_y,
    )


def _refused(what: str) -> ModuleInputError:
    return ModuleInputError(
        f"segment_at(frame, place): {what}.",
        hint="Give a Box, or points (x, y), in pixels of the whole frame.",
    )
