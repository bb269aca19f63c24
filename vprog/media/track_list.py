"""The tracks and chapters that a container states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

_KINDS = {"video": "video", "audio": "audio", "subtitle": "subtitles"}


@dataclass
class TrackInfo:
    """A stream as the container states it, and from when to when it has packets."""

    kind: str
    track: int
    number: int
    codec: str
    language: str
    title: str
    is_default: bool
    time_base: Fraction
    start: float | None = None
    end: float = 0.0
    n_packets: int = 0

    def take(self, packet: Packet[Any]) -> None:
        """Count a packet of the stream."""
        if packet.size == 0:
            return
        self.n_packets += 1
        if packet.pts is None or packet.is_discard:
            return
        start = float(packet.pts * self.time_base)
        self.start = start if self.start is None else min(self.start, start)
        self.end = max(self.end, start + float((packet.duration or 0) * self.time_base))


def list_tracks(container: InputContainer) -> list[TrackInfo]:
    """The tracks in the order of the file; tracks of data and fonts are left out."""
    import av

    tracks: list[TrackInfo] = []
    for stream in container.streams:
        kind = "cover" if is_cover(stream) else _KINDS.get(stream.type, "")
        if not kind:
            continue
        context = stream.codec_context
        tracks.append(
            TrackInfo(
                kind=kind,
                track=1 + sum(track.kind == kind for track in tracks),
                number=stream.index,
                codec="" if context is None else context.codec.canonical_name,
                language=clean_tag(stream.language or ""),
                title=clean_tag(_own_title(stream)),
                is_default=bool(stream.disposition & av.stream.Disposition.default),
                time_base=stream.time_base or Fraction(1, 1000),
            )
        )
    return tracks


def is_cover(stream: Stream) -> bool:
    """Whether a stream is a still picture beside the file's matter, not a video."""
    import av

    covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    return bool(stream.disposition & covers)


def list_chapters(container: InputContainer) -> list[tuple[str, float, float]]:
    """The title, start and end of each chapter, in the file's own seconds."""
    chapters = []
    for chapter in container.chapters():
        base = chapter["time_base"] or Fraction(1, 1000)
        title = clean_tag(chapter["metadata"].get("title", ""))
        chapters.append((title, float(chapter["start"] * base), float(chapter["end"] * base)))
    return chapters


def clean_tag(text: str) -> str:
    """A tag as one printable line of at most 200 characters."""
    text = re.sub(r"\s+", " ", text)
    return "".join(letter for letter in text if letter.isprintable()).strip()[:200]


def _own_title(stream: Stream) -> str:
    """A track's title; MP4 writers put it into the handler's name, which has usual values."""
    title = stream.metadata.get("title", "")
    if title:
        return title
    handler = stream.metadata.get("handler_name", "")
    return (
        "" if re.search(r"handler|^(?:mono|stereo|surround|core media)", handler, re.I) else handler
    )
