"""`read_text`: the text in one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Box, Frame, TextLine

if TYPE_CHECKING:
    from vprog_modules.text.ocr import TextReader


@implements(
    "read_text",
    needs=("rapidocr", "onnxruntime", "cv2"),
    extra="offline",
    rank=10,
    backend="RapidOCR",
)
class ReadTextRapid:
    """Finds lines of text and reads them. One picture at a time: batches are no faster."""

    def __init__(self) -> None:
        self._reader: TextReader | None = None

    def load(self, device: str) -> None:
        """Import RapidOCR and read its models."""
        from vprog_modules.text.ocr import TextReader

        self._reader = TextReader()

    def unload(self) -> None:
        """Let the models go."""
        self._reader = None

    def __call__(self, frame: Frame, *, min_score: float = 0.5) -> list[TextLine]:
        from vprog_modules.text.ocr import PICTURE_SIDE

        if self._reader is None:
            self.load("cpu")
        assert self._reader is not None
        media = current()
        area = media.area(frame)
        pixels = media.pixels(frame, max_side=PICTURE_SIDE)
        scale = (area.x1 - area.x0) / pixels.shape[1]
        lines = [
            TextLine(
                line.text,
                Box(*(round(item, 1) for item in _moved(line.box, area, scale))),
                round(line.score, 4),
                frame,
            )
            for line in self._reader.read(pixels)
            if line.score >= min_score
        ]
        return lines[:MAX_ITEMS]


def _moved(box: Box, area: Box, scale: float) -> Box:
    return Box(
        area.x0 + box.x0 * scale,
        area.y0 + box.y0 * scale,
        min(area.x1, area.x0 + box.x1 * scale),
        min(area.y1, area.y0 + box.y1 * scale),
    )
