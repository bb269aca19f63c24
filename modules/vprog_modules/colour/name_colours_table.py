"""`name_colours`: which colours a picture consists of, by plain names."""

from __future__ import annotations

from typing import Annotated

from vprog.media.source import current
from vprog.registry.module import module
from vprog.types import Colour, Frame, Range
from vprog_modules.colour.colour_names import NAMES, codes_of
from vprog_modules.frames.picture import picture_of

LEAST_SHARE = 0.002


@module("name_colours", needs=("numpy",), rank=10, backend="colour table")
class NameColoursTable:
    """Counts pixels by the name of their colour."""

    def load(self, device: str) -> None:
        """Make the table of names."""
        import numpy as np

        codes_of(np.zeros((1, 1, 3), np.uint8))

    def __call__(
        self, frame: Frame, *, count: Annotated[int, Range(1, len(NAMES))] = 5
    ) -> list[Colour]:
        """Name the colours a picture mostly consists of, with the share each covers.

        Judges pixels one by one, as they are lit: a white wall in the evening sun may be
        orange, a dark blue coat black. It does not know what the things are.

        Args:
            frame: the picture; a region limits it to a part, e.g. the box of a detection.
            count: how many colours at most.

        Returns:
            Colours, largest share first; at least one. name is one of red, orange, yellow,
            green, cyan, blue, purple, pink, brown, black, grey, white; share of the
            picture in [0, 1]; red, green, blue: mean of its pixels, 0 to 255. Colours
            under 0.2 % are left out.

        Example:
            >>> name_colours(frame)[0]
            Colour(name='green', share=0.61, red=70, green=120, blue=52)
        """
        import numpy as np

        pixels = picture_of(current(), frame, max_side=320).pixels.reshape(-1, 3)
        codes = codes_of(pixels)
        counts = np.bincount(codes, minlength=len(NAMES))
        found: list[Colour] = []
        for code in np.argsort(-counts, kind="stable")[:count]:
            share = float(counts[code]) / len(codes)
            if found and share < LEAST_SHARE:
                break
            red, green, blue = (int(each) for each in pixels[codes == code].mean(axis=0).round())
            found.append(Colour(NAMES[code], round(share, 4), red, green, blue))
        return found
