"""A track that a question names ("in the second audio track", "the German subtitles"), and the
program on that track in place of the one that modules take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from vprog.media.track_words import LANGUAGES
from vprog.rules.draft import Draft
from vprog.rules.interpretation import Unanswerable
from vprog.rules.numbers import ORDINALS, read_ordinal

Kind = Literal["audio", "subtitles"]


@dataclass(frozen=True)
class NamedTrack:
    """A track by number, counted from 1 (-1 is the last), or by language; the other is 0 or ""."""

    kind: Kind
    number: int
    language: str

    @property
    def words(self) -> str:
        """As messages call it: "audio track 2", "German subtitles"."""
        noun = "audio track" if self.kind == "audio" else "subtitle track"
        if self.language:
            return f"{self.language} {'audio track' if self.kind == 'audio' else 'subtitles'}"
        return f"last {noun}" if self.number < 0 else f"{noun} {self.number}"

    @property
    def test(self) -> str:
        """An expression over a `stream` of `probe(video).streams`; the last one is no matter."""
        if self.language:
            return f'stream.kind == "{self.kind}" and stream.language == "{self.language}"'
        number = f" and stream.number == {self.number}" if self.number > 0 else ""
        return f'stream.kind == "{self.kind}"{number}'

    @property
    def values(self) -> dict[str, str | int]:
        """What a program of a question that names the track may use."""
        return {
            "track_words": self.words,
            "track_kind": self.kind,
            "track_number": self.number,
            "track_language": self.language,
        }

    @property
    def find(self) -> str:
        """Program text that leaves the track in `named`, and abstains where there is none."""
        plural = "audio tracks" if self.kind == "audio" else "subtitle tracks"
        return (
            "of_kind = [stream for stream in probe(video).streams "
            f'if stream.kind == "{self.kind}"]\n'
            f"matching = [stream for stream in of_kind if {self.test}]\n"
            "if not matching:\n"
            "    stated = [stream.language or 'no language stated' for stream in of_kind]\n"
            '    known = ", ".join(stated)\n'
            f'    abstain(f"the file has no {self.words}: {{len(of_kind)}} {plural} ({{known}})")\n'
            f"named = matching[{-1 if self.number < 0 else 0}]\n"
        )


_LANGUAGE = "|".join(name.lower() for name in LANGUAGES)
_ORDINAL = "|".join((*ORDINALS, "last", r"\d+(?:st|nd|rd|th)"))
_NOUN = (
    r"(?P<kind{0}>audio|sound|subtitle|caption|voice)(?:(?: ?tracks?| streams?)|(?<=subtitle)s|"
    r"(?<=caption)s)"
)
_PATTERNS = (
    re.compile(
        rf"\b(?:(?:in|of|on|from|for) )?(?:the |an? |any )?(?:(?P<nth>{_ORDINAL})|"
        rf"(?P<language>{_LANGUAGE})) (?:{_NOUN.format('')}|(?P<bare>audio|subtitles?|captions?))\b"
    ),
    re.compile(
        r"\b(?:(?:in|of|on|from|for) )?(?:the )?(?P<kind>audio|sound|subtitle|caption) "
        r"(?:track|stream) (?:number |no\.? ?|#)?(?P<number>\d{1,3})\b"
    ),
)


def take_track(text: str) -> tuple[str, NamedTrack | None]:
    """The text with only the kind of the track that it names, or without it, and that track.

    Args:
        text: a question in lower case. One that names two tracks is left as it is.
    """
    hits = [hit for pattern in _PATTERNS for hit in pattern.finditer(text)]
    if len(hits) != 1:
        return text, None
    hit = hits[0]
    parts = hit.groupdict()
    noun = parts["kind"] or parts.get("bare") or ""
    kind: Kind = "subtitles" if noun.startswith(("subtitle", "caption")) else "audio"
    language = (parts.get("language") or "").capitalize()
    nth = int(parts["number"]) if parts.get("number") else read_ordinal(parts.get("nth") or "")
    if not language and (not nth or parts.get("bare") in ("subtitle", "caption")):
        return text, None
    is_place = re.match(r"(?:in|of|on|from|for) ", hit[0]) is not None
    noun = "audio track" if kind == "audio" else kind
    left = " " if is_place else f" the {noun} "  # "is the second track silent": the subject stays
    track = NamedTrack(kind, nth or 0, language)
    return f"{text[: hit.start()]}{left}{text[hit.end() :]}", track


_TAKES = {
    "audio": ("measure_loudness", "find_silence", "find_speech", "transcribe"),
    "subtitles": ("transcribe",),
}
_ARGUMENT = {"audio": "audio_track", "subtitles": "subtitle_track"}


def on_track(draft: Draft, track: NamedTrack | None) -> Draft | Unanswerable:
    """The draft with each call on the named track; why not, if it calls nothing that takes one."""
    if track is None or draft.tasks == ("probe",):  # facts of tracks name their own
        return draft
    calls = rf"\b({'|'.join(_TAKES[track.kind])})\(video\b"
    body, n_calls = re.subn(calls, rf"\1(video, {_ARGUMENT[track.kind]}=named.number", draft.body)
    if not n_calls:
        return Unanswerable(
            f"The question names the {track.words}, and what it asks is not found in one."
        )
    reading = f"{draft.reading.rstrip('.')}, in the {track.words}."
    tasks = (*draft.tasks, "probe")
    return replace(draft, body=f"{track.find}{body}", reading=reading, tasks=tasks)
