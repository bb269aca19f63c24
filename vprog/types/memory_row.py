"""What a query of the memory gives: rows, each with the values that it was made from."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.detection import Colour, Detection, Mask, Track
from vprog.types.frame import Frame
from vprog.types.pose import Pose
from vprog.types.reply import Reply
from vprog.types.speech import Match, Speech, TextLine, TextSpan, Word
from vprog.types.time import Event, Level, Shot

Remembered = (
    Detection | Track | Mask | Speech | Word | TextLine | TextSpan | Match | Shot | Event | Level
    | Reply | Colour | Pose | Frame
)  # fmt: skip
"""What may stand in a memory."""


class MemoryRow(NamedTuple):
    """One row that a query gave: its numbers and texts by column; a NULL is in neither.

    `evidence` are the values that the row names by their `item`.
    """

    numbers: dict[str, int | float]
    texts: dict[str, str]
    evidence: list[Remembered]
