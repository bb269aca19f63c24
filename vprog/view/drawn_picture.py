"""A kept picture with its boxes and masks drawn on, for where no script or SVG draws them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vprog.view.skeleton import draw_bones

if TYPE_CHECKING:
    from PIL.Image import Image

    from vprog.view.model import LabelledBox

_PEN = (255, 64, 64)
_EDGE = (255, 255, 255)
"""Around letters, which may stand on anything."""
_HIGH_PX = 13
"""Of a line of the font that Pillow brings."""


def drawn_picture(jpeg: bytes, boxes: Sequence[LabelledBox], scale: float) -> Image:
    """The picture in RGB.

    Args:
        jpeg: as it was kept.
        boxes: what is drawn, in pixels of the video's frame.
        scale: pixels of the picture per pixel of that frame.
    """
    from PIL import Image as image
    from PIL import ImageDraw

    drawn = image.open(io.BytesIO(jpeg)).convert("RGB")
    pen = ImageDraw.Draw(drawn)
    for labelled in boxes:
        if labelled.mask:
            mask = image.open(io.BytesIO(base64.b64decode(labelled.mask))).convert("RGBA")
            drawn.paste(mask, mask=mask)
        draw_bones(pen, labelled.bones, scale, _PEN, 2)
        sides = [side * scale for side in labelled.box]
        pen.rectangle(sides, outline=_PEN, width=2)
        corner = (sides[0] + 3, max(1.0, sides[1] - _HIGH_PX))
        pen.text(corner, labelled.label, fill=_PEN, stroke_width=2, stroke_fill=_EDGE)
    return drawn
