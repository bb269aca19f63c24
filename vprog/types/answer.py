"""What a program ends with, and what supports it."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.detection import Detection, Mask, Track
from vprog.types.frame import Frame
from vprog.types.geometry import Box
from vprog.types.reply import Reply
from vprog.types.speech import Match, Speech, TextLine, TextSpan, Word
from vprog.types.time import Event, Level, Shot, Span

AnswerValue = str | int | float | list[int] | list[float] | list[str] | tuple[float, float] | Span
"""What `answer` takes. A bool becomes "yes" or "no"."""

EvidenceItem = (
    Span
    | Frame
    | Box
    | Detection
    | Track
    | Mask
    | Shot
    | Event
    | Level
    | Speech
    | Word
    | TextLine
    | TextSpan
    | Match
    | Reply
)
"""What may stand in `answer(..., evidence=[...])`."""


class Evidence(NamedTuple):
    """One piece of support for an answer, as the result shows it.

    `supported` is True only if a recorded module output of the run contains it.
    """

    video: int
    start: float | None
    end: float | None
    box: Box | None
    text: str | None
    supported: bool
