"""How a coded picture is turned and mirrored for display, and doing it.

PyAV gives pictures as they are coded; the display matrix comes with each frame.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Turning:
    """Degrees clockwise, then whether left and right are swapped."""

    rotation: int = 0
    mirrored: bool = False


def turning_of(frame: VideoFrame) -> Turning:
    """The turning that a frame asks for, to the nearest quarter."""
    found: list[Any] = list(cast(Any, frame.side_data))
    data = next(
        (bytes(side_data) for side_data in found if side_data.type.name == "DISPLAYMATRIX"), b""
    )
    if len(data) < 36:
        return Turning()
    a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
    # (x, y) of the coded picture is shown at (a x + c y, b x + d y); y points down.
    mirrored = a * d - b * c < 0
    if mirrored:  # shown = mirror(turn(coded)): undo the mirror to read the turn
        a, c = -a, -c
    degrees = math.degrees(math.atan2(b, a))
    return Turning(round(degrees / 90) % 4 * 90, mirrored)


def turn(pixels: NDArray[np.uint8], rotation: int, mirrored: bool) -> NDArray[np.uint8]:
    """A coded picture (H, W, 3) as it is displayed."""
    import numpy as np

    if rotation:
        pixels = np.rot90(pixels, k=-rotation // 90)
    if mirrored:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
