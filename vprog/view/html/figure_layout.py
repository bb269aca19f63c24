"""Where boxes and their labels stand in the drawing of a kept frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vprog.types.geometry import Box
from vprog.view.model import LabelledBox, ShownPicture

_MOST_LABELS = 6
_MOST_LETTERS = 40


class DrawnLabel(NamedTuple):
    """A label in pixels of the kept picture: the left end of its base line."""

    x: float
    y: float
    size: int
    text: str


class DrawnBox(NamedTuple):
    """A box in pixels of the kept picture."""

    x: float
    y: float
    width: float
    height: float
    title: str
    label: DrawnLabel | None
    """None where it would hide another box or label, or there are too many."""


def figure_layout(
    picture: ShownPicture, boxes: Sequence[LabelledBox], *, labels: bool
) -> list[DrawnBox]:
    """The boxes of a figure, in their order.

    Args:
        picture: what they are drawn on.
        boxes: in pixels of the video's frame.
        labels: whether they are named where there is room; they have titles anyway.
    """
    is_named = labels and len(boxes) <= _MOST_LABELS
    scaled = [Box(*(side * picture.scale for side in labelled.box)) for labelled in boxes]
    taken = list(scaled)
    drawn: list[DrawnBox] = []
    for labelled, box in zip(boxes, scaled, strict=True):
        label = None
        if is_named and labelled.label:
            spot = _label_spot(picture, box, labelled.label)
            if not any(_overlap(spot, other) for other in taken if other != box):
                taken.append(spot)
                label = DrawnLabel(
                    round(spot.x0, 1),
                    round(spot.y1 - 2, 1),
                    round(spot.y1 - spot.y0),
                    labelled.label[:_MOST_LETTERS],
                )
        drawn.append(
            DrawnBox(
                round(box.x0, 1),
                round(box.y0, 1),
                round(max(box.x1 - box.x0, 1), 1),
                round(max(box.y1 - box.y0, 1), 1),
                labelled.label,
                label,
            )
        )
    return drawn


def _label_spot(picture: ShownPicture, box: Box, label: str) -> Box:
    """Where a label stands: above its box, and inside the picture."""
    size = max(9.0, picture.width / 32)
    width = 0.66 * size * len(label[:_MOST_LETTERS])
    left = max(2.0, min(box.x0 + 2, picture.width - width))
    bottom = max(box.y0 - 1, size + 4)
    return Box(left, bottom - size, left + width, bottom)


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
