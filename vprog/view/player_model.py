"""What a player needs to show a run over its video: a part of vprog.view.model, as plain.

Boxes are in pixels of the video's frame, times in seconds of its clock. Only what was seen is
here; what stands between two sightings is the player's to draw, and to say so.
"""

from __future__ import annotations

import msgspec

from vprog.types.geometry import Box
from vprog.view.skeleton import Bone


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a call found at a place: followed through time, or seen in one frame."""

    video: int
    label: str
    kind: str
    """The class of the value, e.g. "Track", "Detection", "TextLine", "Mask"."""
    step: int
    """The index of the call that gave it."""
    line: int | None
    task: str
    score: float | None
    is_cited: bool
    """The answer names it as evidence."""
    times: list[float]
    """When it was seen, sorted."""
    boxes: list[Box]
    """Where, at each of `times`."""
    scores: list[float]
    """How surely, at each of `times`; [] where that is not told."""
    mask: str = ""
    """A PNG over the whole frame, in base64, of one that is outlined in one frame."""
    bones: list[Bone] = []
    """The body, of a pose."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A number over the time of a video."""

    video: int
    name: str
    text: str
    """Where it comes from, in words."""
    line: int | None
    times: list[float]
    values: list[float]
    is_answer: bool
    """Its highest value is the answer."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A time of a video that is worth going to."""

    video: int
    start: float
    end: float
    """Equal to `start` for a moment without length."""
    text: str
    kind: str
    """"main" for the one to open at, "evidence", "near" or "peak"."""
    evidence: int | None = None
    """The index of the evidence, where it is one."""


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a call found and that the answer does not rest on."""

    thing: int
    """Its index among the things."""
    time: float
    """When to look at it."""
    text: str
    """What it is and why it is not in the answer, as far as the recording tells."""


class Player(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is drawn over a video and its time."""

    things: list[Thing]
    things_left: int
    """How many more were found and are not here."""
    curves: list[Curve]
    moments: list[Moment]
    """The one to open at first, then the evidence in order of time."""
    near: list[NearMiss]
    near_text: str
    """What was asked of the recording for these, in words; it says so where nothing was."""
