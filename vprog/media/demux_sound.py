"""A sound track's part of the demux: whether it decodes, where it starts and ends."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from vprog.media.losses import UNKNOWN_SHARE
from vprog.media.opening import reason_of
from vprog.media.stream_info import MAX_TRIES, SoundInfo, StreamInfo
from vprog.media.track_list import TrackInfo

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet


MOST_OVERLAP_S = 0.5
"""Packets of sound may overlap by so much altogether: time stamps are rounded."""


class SoundPass:
    """Finds out whether one audio stream decodes, and where it starts and ends."""

    def __init__(self, stream: AudioStream, track: TrackInfo, name: str, found: StreamInfo) -> None:
        """Take a stream, with what the container states of it and what messages call it."""
        self._stream, self._track, self._name, self._found = stream, track, name, found
        self._base = stream.time_base or Fraction(1, stream.codec_context.sample_rate or 1)
        self._longest = int(60 / self._base)  # a packet of more than a minute is not believed
        self._sound: SoundInfo | None = None
        self._failures: list[str] = []
        self._sum = 0
        self._jumps: list[tuple[float, int]] = []
        self._start: int | None = None
        self._end = 0

    def take(self, packet: Packet[AudioStream]) -> None:
        """The next packet of the stream."""
        if self._sound is None and len(self._failures) < MAX_TRIES:
            self._decode(packet)
        if packet.size == 0 or packet.pts is None or packet.is_discard:
            return
        if not -(2**61) < packet.pts < 2**61:
            return
        if self._start is None or packet.pts < self._start:
            self._start = packet.pts
        if self._found.clock is not None and packet.pos is not None:
            time = float(packet.pts * self._base)
            if not self._jumps or time >= self._jumps[-1][0] + 1.0:
                self._jumps.append((time, packet.pos))
        length = packet.duration or 0
        if 0 <= length <= self._longest:
            self._sum += length
            self._end = max(self._end, packet.pts + length)

    def _decode(self, packet: Packet[AudioStream]) -> None:
        import av

        context = self._stream.codec_context
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._failures.append(f"its sound ({context.name}): {reason_of(error)}")
            return
        if frames:
            self._sound = SoundInfo(
                number=self._stream.index,
                track=self._track.track,
                codec=context.codec.canonical_name,
                sample_rate=frames[0].sample_rate,
                channels=frames[0].layout.nb_channels,
            )

    def finish(self) -> None:
        """Put what was found into the stream info."""
        found = self._found
        if self._sound is None:
            why = self._failures[-1] if self._failures else "nothing comes out of it"
            found.lose(f"{self._name} cannot be decoded: {why}", UNKNOWN_SHARE)
            found.failures += self._failures
            return
        start = self._start or 0
        self._sound.start = float(start * self._base)
        self._sound.end = float(max(self._end, start) * self._base)
        over = float((self._sum - max(0, self._end - start)) * self._base)
        if over > MOST_OVERLAP_S:
            found.lose(
                f"{over:.2f} s of {self._name} share their time with other sound and are not heard",
                over / float(self._sum * self._base),
            )
        self._sound.jumps = tuple(self._jumps)
        found.sounds.append(self._sound)
