"""The kept frames of a run in its page: each once, drawn by reference with boxes over it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice

from vprog.errors import TraceError
from vprog.trace.event import PictureKept
from vprog.types.geometry import Box
from vprog.types.locate import Location, locations_of
from vprog.view.boxes import Labelled, boxes_of
from vprog.view.steps import Line, Story
from vprog.view.timeline import clock
from vprog.view.words import clean

_MOST_BESIDE = 4
_MOST_LABELS = 6
_MOST_LETTERS = 40
_MOST_PLACES = 400
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
        self._boxes = boxes_of(story.steps, self.kept)

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

    @property
    def shown(self) -> list[int]:
        """The indices of the kept frames that are there, by video and time."""
        return list(self._data)

    def evidence(self, index: int, captions: Sequence[str], only: Sequence[Box]) -> str:
        """A large figure; `only` names the boxes to draw, else all that modules found there."""
        boxes: Sequence[Labelled] = self._boxes[index]
        if only:
            labels = dict(boxes)
            boxes = [(fromkey, labels.get(fromkey, "")) for fromkey in dict.fromkeys(only)]
        return self._figure(index, _counted(captions), boxes, labels=True)

    def beside(self, line: Line) -> str:
        """Small figures of what a line's calls found, or looked at."""
        found = boxes_of(line.calls, self.kept)
        if not any(found) and any(self._boxes):
            return ""  # frames that were only named: the lines that looked at them show them
        shown: dict[int, None] = {}
        for video, start in dict.fromkeys(
            (place.video, place.start) for place in self._places(line)
        ):
            index = self.nearest(video, start, start)
            if index is not None:
                shown[index] = None
            if len(shown) >= _MOST_BESIDE:
                break
        return "".join(
            self._figure(index, clock(self.kept[index].time), found[index], labels=False)
            for index in shown
        )

    @staticmethod
    def _places(line: Line) -> Iterator[Location]:
        for step in line.calls:
            for source in (*step.arguments.values(), step.value):
                yield from islice(locations_of(source, step.video), _MOST_PLACES)

    def _figure(self, index: int, caption: str, boxes: Sequence[Labelled], *, labels: bool) -> str:
        each = self.kept[index]
        named = labels and len(boxes) <= _MOST_LABELS
        drawn: list[str] = []
        taken = [_scaled(each, box) for box, _ in boxes]
        for (_, label), own in zip(boxes, list(taken), strict=True):
            drawn.append(_rect(own, label))
            place = _label_place(each, own, label) if named and label else None
            others = (other for other in taken if other != own)
            if place is not None and not any(_overlap(place, other) for other in others):
                taken.append(place)
                drawn.append(_label(place, label))
        return (
            f'<figure><svg viewBox="0 0 {each.width} {each.height}" role="img" '
            f'aria-label="frame at {clock(each.time)}"><use href="#{self._prefix}-{index}"/>'
            f"{''.join(drawn)}</svg><figcaption>{caption}</figcaption></figure>"
        )


def _scaled(picture: PictureKept, box: Box) -> Box:
    """A box of the video in pixels of the kept picture."""
    return Box(*(each * picture.scale for each in box))


def _rect(box: Box, label: str) -> str:
    return (
        f'<rect class="box" x="{box.x0:.1f}" y="{box.y0:.1f}" '
        f'width="{max(box.x1 - box.x0, 1):.1f}" height="{max(box.y1 - box.y0, 1):.1f}">'
        f"<title>{escape(clean(label))}</title></rect>"
    )


def _label_place(picture: PictureKept, box: Box, label: str) -> Box:
    """Where a label stands: above its box, and inside the picture."""
    size = max(9.0, picture.width / 32)
    width = 0.66 * size * len(label[:_MOST_LETTERS])
    left = max(2.0, min(box.x0 + 2, picture.width - width))
    bottom = max(box.y0 - 1, size + 4)
    return Box(left, bottom - size, left + width, bottom)


def _label(place: Box, label: str) -> str:
    size = place.y1 - place.y0
    return (
        f'<text class="label" x="{place.x0:.1f}" y="{place.y1 - 2:.1f}" '
        f'font-size="{size:.0f}">{escape(clean(label[:_MOST_LETTERS]))}</text>'
    )


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _counted(captions: Sequence[str]) -> str:
    """Lines of a caption, each once, with how often it stood there."""
    counts: dict[str, int] = {}
    for caption in captions:
        counts[caption] = counts.get(caption, 0) + 1
    return "<br>".join(f"{each} ×{n}" if n > 1 else each for each, n in counts.items())
