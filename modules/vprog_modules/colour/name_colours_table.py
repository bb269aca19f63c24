"""`name_colours`: which colours a picture consists of, by plain names."""

from __future__ import annotations

from vprog.registry.call_context import Pixels, current
from vprog.registry.module import implements
from vprog.types import Colour, Frame
from vprog_modules.colour.colour_names import NAMES, codes_of, sureness_of

LEAST_SHARE = 0.002


@implements(
    "name_colours",
    needs=("numpy",),
    rank=10,
    backend="colour table",
    pixels=Pixels("frame", max_side=320),
)
class NameColoursTable:
    """Counts pixels by the name of their colour."""

    def load(self, device: str) -> None:
        """Make the table of names."""
        import numpy as np

        codes_of(np.zeros((1, 1, 3), np.uint8))

    def __call__(self, frame: Frame, *, count: int = 5) -> list[Colour]:
        import numpy as np

        pixels = current().pictures[0].reshape(-1, 3)
        codes, sureness = codes_of(pixels), sureness_of(pixels)
        counts = np.bincount(codes, minlength=len(NAMES))
        found: list[Colour] = []
        for code in np.argsort(-counts, kind="stable")[:count]:
            share = float(counts[code]) / len(codes)
            if found and share < LEAST_SHARE:
                break
            its = codes == code
            red, green, blue = (int(item) for item in pixels[its].mean(axis=0).round())
            score = round(float(sureness[its].mean()), 4)
            found.append(Colour(NAMES[code], round(share, 4), red, green, blue, score, frame))
        return found
