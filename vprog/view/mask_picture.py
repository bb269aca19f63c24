"""The masks of a run as pictures and for other tools: what their run lengths stand for.

COCO's run lengths are what pycocotools, datasets and labelling tools read; PNG what everything
else does.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from vprog.errors import TraceError
from vprog.registry.mask_store import masks_in
from vprog.types import Mask
from vprog.types.mask_rle import decode_mask
from vprog.view.steps import Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

COLOUR = (255, 64, 64)
OPACITY = 110
"""Of 255: what is outlined is still to be seen."""


@dataclass(frozen=True)
class KeptMask:
    """A mask that a module gave, with its bitmap.

    Attributes:
        mask: as the program had it.
        rle: {"size": [height, width], "counts": "..."} as JSON, as pycocotools reads it.
    """

    mask: Mask
    rle: str

    @property
    def bitmap(self) -> NDArray[np.bool_]:
        """(height, width) of the whole frame.

        Raises:
            TraceError: it is damaged.
        """
        return decode_mask(self.rle)

    def coco(self) -> dict[str, object]:
        """As COCO's annotations hold a segmentation, with `bbox`, `area` and `score`.

        Raises:
            TraceError: it is damaged.
        """
        decode_mask(self.rle)  # refuses what is none
        x0, y0, x1, y1 = self.mask.box
        return {
            "segmentation": msgspec.json.decode(self.rle),
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "area": self.mask.area,
            "score": self.mask.score,
        }

    def png(self) -> bytes:
        """A picture of one bit: white where the thing is.

        Raises:
            TraceError: it is damaged.
        """
        return _png(_picture(self.bitmap))

    def cut_out(self, pixels: NDArray[np.uint8]) -> Image:
        """The thing alone, as large as its box, clear around it: RGBA.

        Args:
            pixels: of the whole frame, RGB, (height, width, 3).

        Raises:
            TraceError: the mask is damaged, or of a frame of another size.
        """
        import numpy as np
        from PIL import Image

        bitmap = self.bitmap
        if bitmap.shape != pixels.shape[:2]:
            raise TraceError(
                f"cut_out: the mask has {bitmap.shape} pixels, the picture {pixels.shape[:2]}.",
                hint="Give the whole frame in its own size.",
            )
        alpha = np.where(bitmap, 255, 0).astype(np.uint8)
        x0, y0, x1, y1 = (round(side) for side in self.mask.box)
        return Image.fromarray(np.dstack([pixels, alpha])[y0:y1, x0:x1], "RGBA")


def kept_masks(steps: Iterable[Step]) -> list[KeptMask]:
    """Every mask that calls gave, each once, in the order of the calls."""
    kept: dict[Mask, KeptMask] = {}
    for step in steps:
        for mask in masks_in(step.value) if step.masks else ():
            if mask.key in step.masks:
                kept.setdefault(mask, KeptMask(mask, step.masks[mask.key]))
    return list(kept.values())


def overlay(rle: str, size_wh: tuple[int, int]) -> str:
    """A PNG to lay over a kept picture, in base64; "" where the run lengths are damaged."""
    outline = outline_of(rle, size_wh)
    if outline is None:
        return ""
    indexed = outline.convert("P").point([0] + [1] * 255)
    indexed.putpalette([*(0, 0, 0), *COLOUR])
    return base64.b64encode(_png(indexed, transparency=bytes([0, OPACITY]))).decode()


def outline_of(rle: str, size_wh: tuple[int, int]) -> Image | None:
    """A mask as a picture of grey levels, `OPACITY` where the thing is.

    None where there are no run lengths, or they are damaged: a trace may hold anything, and the
    rest of it is shown.
    """
    from PIL import Image

    if not rle:
        return None
    try:
        picture = _picture(decode_mask(rle))
    except TraceError:
        return None
    grey = picture.convert("L").resize(size_wh, Image.Resampling.NEAREST)
    return grey.point([0] * 128 + [OPACITY] * 128)


def _picture(bitmap: NDArray[np.bool_]) -> Image:
    from PIL import Image

    return Image.fromarray(bitmap)


def _png(picture: Image, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True, **options)
    return written.getvalue()
