"""How a body stands: the points of it that are seen."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.frame import Frame
from vprog.types.geometry import Box

BODY_POINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip",
    "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""Of COCO's persons, in its order."""


class Keypoint(NamedTuple):
    """A point of a body by name, e.g. "left wrist"; x, y in pixels of the whole frame."""

    name: str
    x: float
    y: float
    score: float


class Pose(NamedTuple):
    """The points of one body in one frame; the box is the one that was looked at."""

    box: Box
    keypoints: list[Keypoint]
    score: float
    frame: Frame
