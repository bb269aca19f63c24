"""The sound's part of the demux: whether it decodes, where it starts and ends."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from vprog.media.opening import reason_of
from vprog.media.stream_info import MAX_TRIES, SoundInfo, StreamInfo

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet


class SoundPass:
    """Finds out whether one audio stream decodes, and where it starts and ends."""

    def __init__(self, stream: AudioStream, found: StreamInfo) -> None:
        self._stream, self._found = stream, found
        self._base = stream.time_base or Fraction(1, stream.codec_context.sample_rate or 1)
        self._longest = int(60 / self._base)  # a packet of more than a minute is not believed
        self._tries = 0
        self._start: int | None = None
        self._end = 0

    def take(self, packet: Packet[AudioStream]) -> None:
        if self._found.sound is None and self._tries < MAX_TRIES:
            self._decode(packet)
        if packet.size == 0 or packet.pts is None or packet.is_discard:
            return
        if not -(2**61) < packet.pts < 2**61:
            return
        if self._start is None or packet.pts < self._start:
            self._start = packet.pts
        length = packet.duration or 0
        if 0 <= length <= self._longest:
            self._end = max(self._end, packet.pts + length)

    def _decode(self, packet: Packet[AudioStream]) -> None:
        import av

        context = self._stream.codec_context
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._tries += 1
            self._found.failures.append(f"its sound ({context.name}): {reason_of(error)}")
            return
        if frames:
            self._found.sound = SoundInfo(
                number=self._stream.index,
                codec=context.codec.canonical_name,
                sample_rate=frames[0].sample_rate,
                channels=frames[0].layout.nb_channels,
            )

    def finish(self) -> None:
        found = self._found
        if found.sound is None:
            why = found.failures[-1] if found.failures else "nothing comes out of it"
            found.warnings.append(f"the sound cannot be decoded: {why}")
            return
        start = self._start or 0
        found.audio_start = float(start * self._base)
        found.audio_end = float(max(self._end, start) * self._base)
