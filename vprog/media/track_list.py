"""The tracks and chapters that a container states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from vprog.media.opening import leaves_edits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

GAP_S = {"audio": 1.0, "video": 5.0}
"""A track that has nothing for longer than that has a gap. A picture stands until the next one,
in recordings of a screen for seconds."""

JUMP_S = 1.0
"""After so long a way ahead, it is watched whether stamps come back: then it was damage."""

BACK_S = 0.5
"""Stamps of decoding only rise; from such a step back the clock has started anew."""

FAR_S = 3600.0
"""A jump ahead by more is another clock too: demuxers take a transport stream's clock that goes
below its start for one that wrapped, after 26.5 hours."""

FEW = 3
"""So many packets with stamps of their own are damage, not a part."""

MOST_GAPS = 1000

NEVER_ZERO = frozenset({
    "h264", "hevc", "vvc", "av1", "vp8", "vp9", "mpeg1video", "mpeg2video", "mpeg4", "mjpeg",
    "prores", "aac", "mp3", "mp2", "ac3", "eac3", "vorbis", "flac",
})  # fmt: skip
"""Codecs of which no packet begins with zeros: there, a file was not copied whole."""

ZEROS = bytes(16)

_KINDS = {"video": "video", "audio": "audio", "subtitle": "subtitles"}


@dataclass
class Part:
    """What of a track is on one run of its clock, in ticks; `place` in bytes from the start."""

    place: int | None
    start: int
    latest: int
    end: int
    last: int | None = None
    n_packets: int = 0
    before_jump: int | None = None
    since_jump: int = 0

    @property
    def whole_end(self) -> int:
        """Its end; where its last packet has no length, as long as the others are apart."""
        if self.end > self.latest or self.n_packets < 2:
            return self.end
        return self.latest + (self.latest - self.start) // (self.n_packets - 1)


@dataclass
class TrackInfo:
    """A stream as the container states it, and what its packets hold.

    Attributes:
        leaves_edits: sound before second 0 is not marked as such.
        parts: one, unless its time stamps start anew.
        n_strays: packets whose stamps lay far from those around them, which damage makes.
        end_place: the byte after its last packet; 0 if packets do not tell their places.
        gaps: where nothing is for longer than `GAP_S` and than ten packets otherwise take, as
            (start, end) in the file's seconds.
        n_blank: packets that hold zeros in place of what was coded.
        blank_from: when the first of them begins, in seconds of its clock.
    """

    kind: str
    track: int
    number: int
    codec: str
    language: str
    title: str
    is_default: bool
    time_base: Fraction
    leaves_edits: bool = False
    n_packets: int = 0
    parts: list[Part] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    end_place: int = 0
    n_strays: int = 0
    n_blank: int = 0
    blank_from: float = 0.0

    @property
    def start(self) -> float | None:
        """Its first time stamp in seconds; None if it has none."""
        return min((float(part.start * self.time_base) for part in self.parts), default=None)

    @property
    def end(self) -> float:
        """When its last packet ends, in seconds."""
        return max((float(part.end * self.time_base) for part in self.parts), default=0.0)

    def take(self, packet: Packet[Any]) -> None:
        """The next packet of the stream."""
        if packet.size == 0:
            return
        self.n_packets += 1
        if packet.pos is not None:
            self.end_place = max(self.end_place, packet.pos + packet.size)
        pts, stamp = packet.pts, packet.dts
        if self.codec in NEVER_ZERO and bytes(memoryview(packet)[:16]) == ZEROS:
            if not self.n_blank and pts is not None:
                self.blank_from = float(pts * self.time_base)
            self.n_blank += 1
        if pts is None or self.hides(packet) or not -(2**61) < pts < 2**61:
            return
        if stamp is not None and abs(pts - stamp) > self._far:
            self.n_strays += 1
            return
        if not self.parts:
            self.parts.append(Part(packet.pos, pts, pts, pts))
        part = self.parts[-1]
        if stamp is not None:  # stamps of display go back and forth by themselves
            last = stamp if part.last is None else part.last
            if not -self._back <= stamp - last <= self._ahead:
                part = self._part_of(packet, part, last, stamp)
            part.last = stamp
        part.n_packets += 1
        part.since_jump += 1
        part.start, part.latest = min(part.start, pts), max(part.latest, pts)
        length = packet.duration or 0
        if 0 <= length <= 3600 * self._ahead:
            part.end = max(part.end, pts + length)

    def hides(self, packet: Packet[Any]) -> bool:
        """Whether a packet is there only for those behind it, and not seen or heard itself."""
        if self.leaves_edits and packet.pts is not None:
            return packet.pts + (packet.duration or 0) <= 0
        return packet.is_discard

    def __post_init__(self) -> None:
        self._ahead = max(1, round(JUMP_S / self.time_base))
        self._least = GAP_S.get(self.kind, FAR_S) / self.time_base
        self._back = round(BACK_S / self.time_base)
        self._far = round(FAR_S / self.time_base)

    def finish(self) -> None:
        """After the last packet: a few that lie far ahead of all others are strays too."""
        part = self.parts[-1] if self.parts else None
        if len(self.parts) > 1 and part is not None and part.n_packets <= FEW:
            self.n_strays += self.parts.pop().n_packets

    def _part_of(self, packet: Packet[Any], part: Part, last: int, stamp: int) -> Part:
        """The part to which a packet belongs that does not follow the last one closely."""
        pts = packet.pts or 0
        if self._is_back(part.before_jump, stamp) and part.since_jump <= FEW:
            if self.gaps and self.gaps[-1][1] > float(pts * self.time_base):
                self.gaps.pop()
            self.n_strays += part.since_jump
            return part  # a few stray stamps lay ahead of the others
        before = self.parts[-2] if len(self.parts) > 1 else None
        if before is not None and part.n_packets <= FEW and self._is_back(before.last, stamp):
            self.n_strays += part.n_packets
            self.parts.pop()  # a few stray stamps lay behind, or far ahead
            return before
        if not -self._back <= stamp - last <= self._far:
            self.parts.append(Part(packet.pos, pts, pts, pts))
            return self.parts[-1]
        usual = (last - part.start) / max(1, part.n_packets - 1)
        ends = (part.whole_end, pts)
        if ends[1] - ends[0] > max(self._least, 10 * usual) and len(self.gaps) < MOST_GAPS:
            start, end = (float(stamp * self.time_base) for stamp in ends)
            self.gaps.append((start, end))
        part.before_jump, part.since_jump = last, 0
        return part

    def _is_back(self, before: int | None, stamp: int) -> bool:
        """Whether a stamp goes on where others were."""
        return before is not None and before <= stamp <= before + 10 * self._ahead


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
                leaves_edits=kind == "audio" and leaves_edits(container),
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
