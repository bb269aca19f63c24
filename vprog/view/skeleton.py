"""A body as lines, from the points of its pose that were seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vprog.types import Box, Pose
from vprog.view.steps import Step

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

BONES = (
    ("left ear", "left eye"), ("left eye", "nose"), ("nose", "right eye"),
    ("right eye", "right ear"), ("left ear", "left shoulder"), ("right ear", "right shoulder"),
    ("left shoulder", "right shoulder"), ("left shoulder", "left elbow"),
    ("left elbow", "left wrist"), ("right shoulder", "right elbow"),
    ("right elbow", "right wrist"), ("left shoulder", "left hip"), ("right shoulder", "right hip"),
    ("left hip", "right hip"), ("left hip", "left knee"), ("left knee", "left ankle"),
    ("right hip", "right knee"), ("right knee", "right ankle"),
)  # fmt: skip
"""Which points of a body are joined by a line."""

_MOST_POINTS = 64
"""Of one body: a trace may hold anything."""


class Bone(NamedTuple):
    """A line in pixels of the video's frame; a point of the body is a line without length."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_point(self) -> bool:
        return self[:2] == self[2:]


PoseKey = tuple[int, float, Box]
"""How the pose of a box is found again: by its video, its time and the box."""


def poses_of(steps: Iterable[Step]) -> dict[PoseKey, Pose]:
    """Every pose that calls gave."""
    return {
        (pose.frame.video, pose.frame.time, pose.box): pose
        for step in steps
        if step.kind == "call"
        for pose in _poses_in(step.value)
    }


def bones_of(pose: Pose) -> list[Bone]:
    """The lines between points that were both seen, then the points themselves."""
    points = {point.name: (point.x, point.y) for point in pose.keypoints[:_MOST_POINTS]}
    joined = [
        Bone(*points[one], *points[other])
        for one, other in BONES
        if one in points and other in points
    ]
    return joined + [Bone(*place, *place) for place in points.values()]


def path_of(bones: Iterable[Bone], scale: float) -> str:
    """Lines as the data of an SVG path, so many pixels large for each of the video's."""
    return "".join(
        "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*(place * scale for place in bone)) for bone in bones
    )


def draw_bones(
    pen: ImageDraw,
    bones: Sequence[Bone],
    scale: float,
    colour: tuple[int, int, int],
    width: int,
) -> None:
    """Draw a body with a pen of Pillow, `scale` pixels large for each of the video's."""
    for bone in bones:
        x0, y0, x1, y1 = (place * scale for place in bone)
        if bone.is_point:
            pen.ellipse((x0 - width, y0 - width, x0 + width, y0 + width), fill=colour)
        else:
            pen.line((x0, y0, x1, y1), fill=colour, width=width)


def _poses_in(value: object) -> Iterator[Pose]:
    if isinstance(value, Pose):
        yield value
    elif isinstance(value, list) or type(value) is tuple:
        for item in value:
            yield from _poses_in(item)
    elif isinstance(value, dict):
        yield from _poses_in(list(value.values()))
