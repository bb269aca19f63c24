"""Where something is in a picture."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels of the whole displayed (rotated) frame, origin top left.

    x0 <= x1 and y0 <= y1; x1 and y1 lie just outside the rectangle.
    """

    x0: float
    y0: float
    x1: float
    y1: float
