"""Connected regions of one colour in a picture."""

from __future__ import annotations

from vprog.types import Detection, Frame
from vprog_modules.colour.colour_names import NAMES, codes_of, sureness_of
from vprog_modules.frames.picture import PixelArea

MAX_SIDE = 640


def coloured_regions(
    picture: PixelArea, frame: Frame, name: str, min_area: float, label: str
) -> list[Detection]:
    """Regions of the colour that cover at least `min_area` of the picture, largest first.

    Score: how surely the region's pixels bear the name, in [0, 1].
    """
    import cv2
    import numpy as np

    pixels = picture.pixels
    mask = (codes_of(pixels) == NAMES.index(name)).astype(np.uint8)
    small = min(pixels.shape[:2]) < 64
    if not small:  # specks of noise and of compression
        kernel = np.ones((3, 3), np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    n_regions, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = max(1.0, min_area * mask.size)
    found = []
    for at in range(1, n_regions):
        x, y, width, height, size = (int(stat) for stat in stats[at])
        if size < least:
            continue
        part = labels[y : y + height, x : x + width] == at
        sure = float(sureness_of(pixels[y : y + height, x : x + width])[part].mean())
        box = picture.box(x, y, x + width, y + height)
        found.append((-size, box, Detection(label, box, round(sure, 4), frame)))
    return [detection for _, _, detection in sorted(found, key=lambda each: each[:2])]
