"""Which boxes belong on a kept frame: those of modules' results, of all lines or of one."""

from __future__ import annotations

from collections.abc import Iterable

from vprog.trace.event import PictureKept
from vprog.types.geometry import Box
from vprog.types.locate import places_of
from vprog.view.steps import Step, Story

_SAME_TIME_S = 1e-3
_MOST = 60


def boxes_in(story: Story, picture: PictureKept) -> list[tuple[Box, str]]:
    """Boxes in pixels of the video's frame, with their labels, each once."""
    return boxes_of(story.steps, picture)


def boxes_of(steps: Iterable[Step], picture: PictureKept) -> list[tuple[Box, str]]:
    """The same, of some steps only."""
    found: dict[tuple[float, ...], str] = {}
    for step in steps:
        if step.kind != "call":
            continue
        for place in places_of(step.value, step.video):
            if (
                place.box is None
                or place.start is None
                or place.end is None
                or place.video != picture.video
                or not place.start - _SAME_TIME_S <= picture.time <= place.end + _SAME_TIME_S
            ):
                continue
            score = f" {place.score:.2f}" if place.score is not None else ""
            found.setdefault(tuple(place.box), f"{place.text or ''}{score}".strip())
            if len(found) >= _MOST:
                return [(Box(*box), label) for box, label in found.items()]
    return [(Box(*box), label) for box, label in found.items()]
