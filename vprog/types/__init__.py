"""What programs hold: NamedTuples of numbers, text and other values; no pixels."""

from vprog.types.answer import AnswerValue, Evidence, EvidenceItem
from vprog.types.bounds import MAX_ITEMS, PHRASE, RATE, SCORE, SECONDS, Grid, Length, Range
from vprog.types.detection import Colour, Detection, Mask, Track
from vprog.types.frame import Frame, Metadata, Video
from vprog.types.geometry import Box
from vprog.types.reply import Reply
from vprog.types.speech import Match, Speech, TextLine, TextSpan, Word
from vprog.types.time import Event, Level, Shot, Span

VALUE_TYPES: tuple[type, ...] = (
    Box,
    Span,
    Shot,
    Event,
    Level,
    Video,
    Frame,
    Metadata,
    Detection,
    Track,
    Mask,
    Colour,
    Word,
    Speech,
    TextLine,
    TextSpan,
    Match,
    Reply,
)
"""Every value class that may cross the sandbox border, in order of dependence."""

__all__ = [
    "AnswerValue",
    "Box",
    "Colour",
    "Detection",
    "Event",
    "Evidence",
    "EvidenceItem",
    "Metadata",
    "Frame",
    "Grid",
    "Length",
    "Level",
    "MAX_ITEMS",
    "Mask",
    "Match",
    "PHRASE",
    "RATE",
    "Range",
    "Reply",
    "SCORE",
    "SECONDS",
    "Shot",
    "Span",
    "Speech",
    "TextLine",
    "TextSpan",
    "Track",
    "VALUE_TYPES",
    "Video",
    "Word",
]
