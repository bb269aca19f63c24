"""Things seen in frames."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.frame import Frame
from vprog.types.geometry import Box
from vprog.types.time import Span


class Detection(NamedTuple):
    """One thing found in one frame; score in [0, 1]."""

    label: str
    box: Box
    score: float
    frame: Frame


class Track(NamedTuple):
    """One thing followed through time; detections in order of time."""

    id: int
    label: str
    span: Span
    detections: list[Detection]
    score: float


class Mask(NamedTuple):
    """The pixels of one thing. `key` names the bitmap in the host's store; area in pixels."""

    frame: Frame
    box: Box
    area: float
    score: float
    key: str


class Colour(NamedTuple):
    """A colour by name and the share of the frame it covers; share and score in [0, 1].

    The score says how surely its pixels bear the name.
    """

    name: str
    share: float
    red: int
    green: int
    blue: int
    score: float
    frame: Frame
