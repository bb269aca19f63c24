"""`read_text`: the text in one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Box, Frame, TextLine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vprog_modules.text.ocr import ReadLine, TextReader
    from vprog_modules.text.turned_text import TurnedReader

NEARBY_S = 0.3
"""How far frames are in which a doubtful line is read again: branches and feathers have moved."""


@implements(
    "read_text",
    needs=("rapidocr", "onnxruntime", "cv2"),
    extra="offline",
    rank=10,
    backend="RapidOCR",
    version="3",
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
        from vprog_modules.text.text_standing import is_sure
        from vprog_modules.text.turned_text import TurnedReader

        if self._reader is None:
            self.load("cpu")
        assert self._reader is not None
        media = current()
        area = media.area(frame)
        pixels = media.pixels(frame, max_side=PICTURE_SIDE)
        scale = (area.x1 - area.x0) / pixels.shape[1]
        reader = TurnedReader(self._reader, tries=1)
        lines = [line for line in reader.read(pixels) if line.score >= min_score]
        if not all(is_sure(line) for line in lines):
            lines = _confirmed(lines, reader, media, frame, pixels)
        return [
            TextLine(
                line.text,
                Box(*(round(item, 1) for item in _moved(line.box, area, scale))),
                round(line.score, 4),
                frame,
            )
            for line in lines[:MAX_ITEMS]
        ]


def _confirmed(
    lines: Sequence[ReadLine],
    reader: TurnedReader,
    media: CallContext,
    frame: Frame,
    pixels: NDArray[np.uint8],
) -> list[ReadLine]:
    """The lines that are text: sure ones, and those that frames nearby have in the same place."""
    from vprog_modules.text.ocr import PICTURE_SIDE
    from vprog_modules.text.text_change import may_differ, part_of, small_grey
    from vprog_modules.text.text_standing import stands, supports

    width, grey = pixels.shape[1], small_grey(pixels)
    scores = [[line.score] for line in lines]
    has_changed = [False] * len(lines)
    for time in _nearby(frame, media):
        picture = media.pixels(frame._replace(time=time), max_side=PICTURE_SIDE)
        other = small_grey(picture)
        if not may_differ(grey, other):
            continue
        seen = reader.read(picture)
        for number, line in enumerate(lines):
            has_changed[number] |= may_differ(
                part_of(grey, line.box, width), part_of(other, line.box, width)
            )
            scores[number] += [again.score for again in seen if supports(again, line)][:1]
    return [
        line
        for line, given, changed in zip(lines, scores, has_changed, strict=True)
        if stands(line.text, given, is_still=not changed)
    ]


def _nearby(frame: Frame, media: CallContext) -> list[float]:
    """The times of two other frames, before and after if the video has both."""
    last = media.video(frame.video).duration
    times = [frame.time + shift for shift in (-NEARBY_S, NEARBY_S, 2 * NEARBY_S, -2 * NEARBY_S)]
    return [time for time in times if 0 <= time < last][:2]


def _moved(box: Box, area: Box, scale: float) -> Box:
    return Box(
        area.x0 + box.x0 * scale,
        area.y0 + box.y0 * scale,
        min(area.x1, area.x0 + box.x1 * scale),
        min(area.y1, area.y0 + box.y1 * scale),
    )
