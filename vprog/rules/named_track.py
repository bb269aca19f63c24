"""A track that a question names: "in the second audio track", "the German subtitles"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vprog.rules.numbers import read_ordinal
from vprog.rules.rule_data import ways

Kind = Literal["audio", "subtitles"]


@dataclass(frozen=True)
class NamedTrack:
    """A track by number, counted from 1 (-1 is the last), or by language; the other is 0 or ""."""

    kind: Kind
    number: int
    language: str

    @property
    def values(self) -> dict[str, str | int]:
        """What a program of a question that names the track may use; it is called `track_words`."""
        noun = "audio track" if self.kind == "audio" else "subtitle track"
        words = f"last {noun}" if self.number < 0 else f"{noun} {self.number}"
        if self.language:
            words = f"{self.language} {noun.replace('subtitle track', 'subtitles')}"
        return {
            "track_words": words,
            "track_kind": self.kind,
            "track_number": self.number,
            "track_language": self.language,
        }


def take_track(text: str) -> tuple[str, NamedTrack | None]:
    """The text with only the kind of the track that it names, or without it, and that track.

    Args:
        text: a question in lower case. One that names two tracks is left as it is.
    """
    hits = [hit for way in ways("track") for hit in way.finditer(text)]
    if len(hits) != 1:
        return text, None
    hit = hits[0]
    parts = {name: part for name, part in hit.groupdict().items() if part}
    noun = parts.get("kind") or parts["bare"]
    nth = int(parts.get("number", 0)) or read_ordinal(parts.get("nth", "")) or 0
    if "language" not in parts and (nth == 0 or parts.get("bare") in ("subtitle", "caption")):
        return text, None
    kind: Kind = "subtitles" if noun.startswith(("subtitle", "caption")) else "audio"
    track = NamedTrack(kind, nth, parts.get("language", "").capitalize())
    is_place = re.match(r"(?:in|of|on|from|for) ", hit[0]) is not None
    named = "audio track" if kind == "audio" else kind
    left = " " if is_place else f" the {named}  "  # "is the second track silent": the subject stays
    return f"{text[: hit.start()]}{left}{text[hit.end() :]}", track
