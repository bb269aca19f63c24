"""The kept frames of a run in its page: each once, drawn by reference with boxes over it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape

from vprog.errors import TraceError
from vprog.trace.event import PictureKept
from vprog.types.geometry import Box
from vprog.types.locate import places_of
from vprog.view.boxes import boxes_of
from vprog.view.steps import Line, Story
from vprog.view.timeline import clock
from vprog.view.words import clean

_MOST_BESIDE = 4
_MOST_LABELS = 6
_NEAR_S = 0.05


class Figures:
    """The figures of one page."""

    def __init__(self, story: Story) -> None:
        self.kept = story.pictures
        self._story = story
        self._prefix = re.sub(r"[^0-9A-Za-z]", "", story.recording.folder.name) or "run"
        self._data: dict[int, str] = {}
        for index, each in enumerate(self.kept):
            try:
                data = story.recording.picture(each.file)
            except TraceError:  # a picture that is gone leaves the rest of the page whole
                continue
            self._data[index] = base64.b64encode(data).decode()
        self._boxes = {index: boxes_of(story.steps, self.kept[index]) for index in self._data}

    def definitions(self) -> str:
        """The pictures themselves, each once."""
        images = "".join(
            f'<image id="{self._prefix}-{index}" width="{self.kept[index].width}" '
            f'height="{self.kept[index].height}" href="data:image/jpeg;base64,{data}"/>'
            for index, data in self._data.items()
        )
        return f'<svg class="store" width="0" height="0"><defs>{images}</defs></svg>'

    def nearest(self, video: int, start: float | None, end: float | None) -> int | None:
        """The index of the first kept frame inside a stretch of time, or None."""
        if start is None or end is None:
            return None
        for index in self._data:
            each = self.kept[index]
            if each.video == video and start - _NEAR_S <= each.time <= max(end, start) + _NEAR_S:
                return index
        return None

    def evidence(self, index: int, captions: Sequence[str], only: Box | None) -> str:
        """A large figure; `only` draws one box, else every box that modules found there."""
        boxes = self._boxes[index]
        if only is not None:
            boxes = [each for each in boxes if each[0] == only] or [(only, "")]
        return self._figure(index, _counted(captions), boxes, labels=True)

    def beside(self, line: Line) -> str:
        """Small figures of what a line's calls found, or looked at."""
        shown: list[int] = []
        looks = False
        for step in line.calls:
            for source in (*step.arguments.values(), step.value):
                for place in places_of(source, step.video):
                    looks = looks or place.box is not None
                    index = self.nearest(place.video, place.start, place.start)
                    if index is not None and index not in shown:
                        shown.append(index)
                    if len(shown) >= _MOST_BESIDE:
                        break
        if not looks and len(self._lines_with_boxes) > 0:
            return ""  # frames that were only named: the lines that looked at them show them
        return "".join(
            self._figure(
                index, clock(self.kept[index].time),
                boxes_of(line.calls, self.kept[index]), labels=False,
            )
            for index in shown[:_MOST_BESIDE]
        )  # fmt: skip

    @property
    def _lines_with_boxes(self) -> list[int]:
        return [index for index, boxes in self._boxes.items() if boxes]

    def _figure(
        self, index: int, caption: str, boxes: Sequence[tuple[Box, str]], *, labels: bool
    ) -> str:
        each = self.kept[index]
        named = labels and len(boxes) <= _MOST_LABELS
        drawn = "".join(_box(each, box, label, named=named) for box, label in boxes)
        return (
            f'<figure><svg viewBox="0 0 {each.width} {each.height}" role="img" '
            f'aria-label="frame at {clock(each.time)}"><use href="#{self._prefix}-{index}"/>'
            f"{drawn}</svg><figcaption>{caption}</figcaption></figure>"
        )


def _box(picture: PictureKept, box: Box, label: str, *, named: bool) -> str:
    x0, y0, x1, y1 = (each * picture.scale for each in box)
    text = escape(clean(label[:40]))
    drawn = (
        f'<rect class="box" x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 1):.1f}" '
        f'height="{max(y1 - y0, 1):.1f}"><title>{text}</title></rect>'
    )
    if not named or not text:
        return drawn
    size = max(9.0, picture.width / 32)
    # A label that would leave the picture on the right ends where its box ends.
    at_end = x0 > 0.7 * picture.width
    place = f'x="{x1:.1f}" text-anchor="end"' if at_end else f'x="{x0 + 2:.1f}"'
    return (
        f'{drawn}<text class="label" {place} y="{max(y0 - 3, size):.1f}" '
        f'font-size="{size:.0f}">{text}</text>'
    )


def _counted(captions: Sequence[str]) -> str:
    """Lines of a caption, each once, with how often it stood there."""
    counts: dict[str, int] = {}
    for each in captions:
        counts[each] = counts.get(each, 0) + 1
    return "<br>".join(f"{each} ×{n}" if n > 1 else each for each, n in counts.items())
