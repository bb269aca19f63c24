"""One running clock over a file whose time stamps start anew, as recordings joined byte by byte
have them: a transport stream keeps its own clock, and the second one begins before the first ends.

Each packet is told by its place in the file to which part it belongs, and its stamps are moved
by that part's offset before anything else sees them. So frames, sound and subtitles, and readers
that jump, are all on one clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from vprog.media.track_list import TrackInfo

if TYPE_CHECKING:
    from av.packet import Packet

BYTE_SEEK = frozenset({"mpegts", "mpeg"})
"""Containers whose demuxers go on from any byte; in others a jump reads from the start."""

MOST_PARTS = 1000
"""Stamps that start anew more often than that are damage, not joined recordings."""


@dataclass(frozen=True)
class Clock:
    """How far the stamps of each part of a file are moved.

    Attributes:
        parts: for each stream (the container's number) where parts begin, in bytes, and the
            ticks to add to stamps from there on; sorted.
        starts: when the parts begin on the running clock, in the file's seconds; but the first.
        seeks_bytes: whether reading can go on from a byte of the file.
    """

    parts: dict[int, tuple[tuple[int, int], ...]]
    starts: tuple[float, ...]
    seeks_bytes: bool

    def follow(self, packets: Iterator[Packet[Any]]) -> Iterator[Packet[Any]]:
        """The packets with their stamps on the running clock."""
        offsets: dict[int, int] = {}
        for packet in packets:
            number = packet.stream_index
            parts = self.parts.get(number)
            if parts is not None and packet.size:
                if packet.pos is not None:  # a packet that shares its place goes with the last one
                    at = bisect_right(parts, (packet.pos, 2**62)) - 1
                    offsets[number] = parts[max(0, at)][1]
                offset = offsets.get(number, 0)
                if offset:
                    packet.pts = None if packet.pts is None else packet.pts + offset
                    packet.dts = None if packet.dts is None else packet.dts + offset
            yield packet


def clock_of(tracks: Sequence[TrackInfo], leading: int, container: str) -> Clock | None:
    """The clock that puts the parts of a file one after the other; None if it has one part.

    Args:
        tracks: as one pass over the packets found them.
        leading: the container's number of the stream whose parts follow without a gap.
        container: its format.
    """
    lead = next(track for track in tracks if track.number == leading)
    if not 1 < len(lead.parts) <= MOST_PARTS or any(part.place is None for part in lead.parts):
        return None
    places = [part.place or 0 for part in lead.parts]
    offsets = [Fraction(0)]
    starts: list[float] = []
    for before, part in zip(lead.parts, lead.parts[1:], strict=False):
        end = before.whole_end * lead.time_base + offsets[-1]
        offsets.append(end - part.start * lead.time_base)
        starts.append(float(end))
    return Clock(
        parts={track.number: _moved(track, places, offsets) for track in tracks},
        starts=tuple(starts),
        seeks_bytes=container in BYTE_SEEK,
    )


def _moved(
    track: TrackInfo, places: list[int], offsets: list[Fraction]
) -> tuple[tuple[int, int], ...]:
    """Where the parts of one track begin. Its first packet of a part may stand a little before
    the leading stream's: where its own stamps start anew near there, that is the place."""
    own = [part.place for part in track.parts[1:] if part.place is not None]
    begins: list[int] = [0]
    for at, place in enumerate(places[1:], start=1):
        before, after = places[at - 1], places[at + 1] if at + 1 < len(places) else 2**62
        near = [
            step for step in own if (before + place) // 2 < step < (place + min(after, 2**61)) // 2
        ]
        begins.append(min(near, key=lambda step: abs(step - place), default=place))
    moved = [round(offset / track.time_base) for offset in offsets]
    return tuple(sorted(zip(begins, moved, strict=True)))
