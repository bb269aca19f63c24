"""What programs hold: NamedTuples of numbers, text and other values; no pixels."""

import functools
import operator
from typing import Any

from vprog.types.answer import AnswerValue, Evidence
from vprog.types.bounds import (
    MAX_ITEMS,
    PHRASE,
    RATE,
    SCORE,
    SECONDS,
    Grid,
    Length,
    Range,
    WrittenOut,
)
from vprog.types.detection import Colour, Detection, Mask, Track
from vprog.types.frame import Frame, Video
from vprog.types.geometry import Box
from vprog.types.memory_row import MemoryRow, Remembered
from vprog.types.metadata import Chapter, Metadata, Stream
from vprog.types.pose import Keypoint, Pose
from vprog.types.reply import Reply
from vprog.types.speech import Match, Speech, TextLine, TextSpan, Word
from vprog.types.time import Event, Level, Shot, Span
from vprog.types.value_class import ValueClass

VALUES: tuple[ValueClass, ...] = (
    ValueClass(Box),
    ValueClass(Span),
    ValueClass(Shot, text="opening"),
    ValueClass(Event, text="kind"),
    ValueClass(Level, text="value"),
    ValueClass(Video, is_evidence=False),
    ValueClass(Frame),
    ValueClass(Stream, is_evidence=False),
    ValueClass(Chapter, text="title"),
    ValueClass(Metadata, is_evidence=False),
    ValueClass(Detection, text="label"),
    ValueClass(Track, text="label"),
    ValueClass(Mask),
    ValueClass(Colour, text="name"),
    ValueClass(Keypoint, is_evidence=False),  # in no frame of its own: its pose is evidence
    ValueClass(Pose),
    ValueClass(Word),
    ValueClass(Speech),
    ValueClass(TextLine),
    ValueClass(TextSpan),
    ValueClass(Match),
    ValueClass(Reply),
    ValueClass(MemoryRow, is_evidence=False),
)
"""Every value class, in order of dependence: the one table. A class that stands here may cross
the sandbox boundary, be written to traces, be evidence, have a time and a place, and is known to
the type check and to the conformance kit. To add one: its file, its row, and its import above."""

VALUE_TYPES: tuple[type, ...] = tuple(row.cls for row in VALUES)

EvidenceValue: Any = functools.reduce(operator.or_, (row.cls for row in VALUES if row.is_evidence))
"""What may stand in `answer(..., evidence=[...])`."""

TIMED: tuple[type, ...] = tuple(row.cls for row in VALUES if row.is_timed)
"""What has a time: a start and end, a span, a time, or a frame."""

__all__ = [
    "AnswerValue",
    "Box",
    "Chapter",
    "Colour",
    "Detection",
    "Event",
    "Evidence",
    "EvidenceValue",
    "Metadata",
    "Frame",
    "Grid",
    "Keypoint",
    "Length",
    "Level",
    "MAX_ITEMS",
    "Mask",
    "Match",
    "MemoryRow",
    "PHRASE",
    "Pose",
    "RATE",
    "Range",
    "Remembered",
    "Reply",
    "SCORE",
    "SECONDS",
    "Shot",
    "Span",
    "Speech",
    "Stream",
    "TIMED",
    "TextLine",
    "TextSpan",
    "Track",
    "VALUES",
    "VALUE_TYPES",
    "ValueClass",
    "Video",
    "Word",
    "WrittenOut",
]
