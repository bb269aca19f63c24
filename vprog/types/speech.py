"""Words: spoken, written in the picture, and found again."""

from __future__ import annotations

from typing import NamedTuple

from vprog.types.frame import Frame
from vprog.types.geometry import Box


class Word(NamedTuple):
    """One spoken word with its times; score in [0, 1]."""

    text: str
    start: float
    end: float
    score: float


class Speech(NamedTuple):
    """One span of speech. `source` says where the text is from: "subtitles" or a model."""

    text: str
    start: float
    end: float
    score: float
    source: str
    words: list[Word]


class TextLine(NamedTuple):
    """One line of text seen in one frame; score in [0, 1]."""

    text: str
    box: Box
    score: float
    frame: Frame


class TextSpan(NamedTuple):
    """One line of text and the span of time during which it stands in the picture."""

    text: str
    start: float
    end: float
    box: Box
    score: float


class Match(NamedTuple):
    """What a search found, best first; `source` names what was searched."""

    text: str
    start: float
    end: float
    score: float
    source: str
