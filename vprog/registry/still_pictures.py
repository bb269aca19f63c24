"""Whether two pictures are the same but for their coding."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CELLS, STILL = 16, 2
"""Parts along each side that are compared, and levels of 255 by which coding changes their mean:
of 448 pixels a thing of 8 x 8 that differs by 40 levels is seen to come or go."""


def small_look(pixels: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The mean colour of each of CELLS x CELLS parts of a picture."""
    import numpy as np
    from PIL import Image

    small = Image.fromarray(pixels).resize((CELLS, CELLS), Image.Resampling.BOX)
    return np.asarray(small, np.int16)


def is_still(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    """Whether no part of two pictures differs by more than what coding them changes."""
    return one.shape == other.shape and int(abs(one - other).max()) <= STILL
