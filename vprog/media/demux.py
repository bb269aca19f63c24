"""One pass over a container's packets: what index.py makes an index of.

Chooses the streams, hands their packets to picture_times.py and to `SoundPass`, and notes where
the file falls short of what its header says.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.container_end import MatroskaGaps, tags_begin
from vprog.media.joined_clock import Clock, clock_of
from vprog.media.losses import DAMAGE_SHARE, UNKNOWN_SHARE, count_losses
from vprog.media.opening import MAX_PIXELS, reason_of
from vprog.media.packets import read_packets
from vprog.media.picture_times import PicturePass
from vprog.media.stream_info import MAX_TRIES, DamagedPlace, SoundInfo, StreamInfo
from vprog.media.track_list import TrackInfo, clean_tag, is_cover, list_chapters, list_tracks
from vprog.types.clock import clock_span, length_text

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

TEXT_CODECS = frozenset({"ass", "ssa", "subrip", "srt", "mov_text", "webvtt", "text"})

ONE_CLOCK = frozenset({"mp4", "mov", "avi", "gif", "apng"})
"""Containers whose time stamps come from one table, or from counting."""


def read_stream_info(
    container: InputContainer, path: Path, clock: Clock | None = None
) -> StreamInfo:
    """Read every packet once.

    Args:
        container: an open file.
        path: where it lies.
        clock: what an earlier pass found that the stamps must be moved by.

    Raises:
        VideoUnreadableError: the picture is too large, the file has too many frames, or it is
            no longer there.
    """
    name = path.name
    found = StreamInfo(
        container=_container(container, name),
        title=clean_tag(container.metadata.get("title", "")),
        created=clean_tag(container.metadata.get("creation_time", "")),
        tracks=list_tracks(container),
        chapters=list_chapters(container),
        clock=clock,
    )
    try:
        found.size = path.stat().st_size
        found.matter_end = tags_begin(path, found.container, found.size)
    except OSError as error:
        raise VideoUnreadableError(
            f'"{path}" cannot be read: {error.strerror}.', hint="Check the file and the disk."
        ) from error
    tracks = {track.number: track for track in found.tracks}
    found.text_streams = {
        track.track: track.number
        for track in found.tracks
        if track.kind == "subtitles" and track.codec in TEXT_CODECS
    }
    video = _choose_video(container, name)
    passes: dict[int, PicturePass | SoundPass] = {}
    if video is not None:
        passes[video.index] = PicturePass(video, found, name)
    sounds = _decodable(container.streams.audio)
    for stream in sounds:
        called = "the sound" if len(sounds) == 1 else f"sound track {tracks[stream.index].track}"
        passes[stream.index] = SoundPass(stream, tracks[stream.index], called, found)
    wanted = [container.streams[track.number] for track in found.tracks if track.kind != "cover"]
    packets = read_packets(
        container, wanted, lambda reason: _note(found, reason), clock, found.matter_end
    )
    gaps = MatroskaGaps(path) if found.container in ("matroska", "webm") else None
    for packet in packets:
        if gaps is not None:
            gaps.take(packet)
        tracks[packet.stream_index].take(packet)
        if packet.stream_index in passes:
            passes[packet.stream_index].take(packet)
    for stream_pass in (*passes.values(), *found.tracks):
        stream_pass.finish()
    found.sounds.sort(key=lambda sound: not tracks[sound.number].is_default)
    if gaps is not None:
        _tell_gaps(gaps, found)
    count_losses(container, video, found, path)
    if clock is None and found.container not in ONE_CLOCK:
        leads = [sound.number for sound in found.sounds]
        leads = leads if found.picture is None else [found.picture.number]
        found.clock = clock_of(found.tracks, leads[0], found.container) if leads else None
    elif clock is not None:
        times = [start - found.origin for start in clock.starts]
        found.warnings.append(
            f"its time stamps start anew {len(times)} time{'s' if len(times) > 1 else ''}, first "
            f"at {clock_span(times[0], None)} (joined recordings?): times go on from there without "
            "a break"
        )
    return found


def _tell_gaps(gaps: MatroskaGaps, found: StreamInfo) -> None:
    gaps.finish(found.size)
    if gaps.is_cut:
        found.lose("cut short: it ends amid a packet", UNKNOWN_SHARE)
        found.damage.append(DamagedPlace("cut short", 0.0, 0.0))
    if gaps.n_bytes:
        found.lose(
            f"{gaps.n_bytes:,} of its {found.size:,} bytes are damaged and passed over",
            gaps.n_bytes / found.size,
        )
        found.damage.append(DamagedPlace("unreadable", 0.0, 0.0))


def _note(found: StreamInfo, reason: str) -> None:
    found.lose(f"damaged: {reason}", DAMAGE_SHARE)
    found.damage.append(DamagedPlace("unreadable", 0.0, 0.0))


def _choose_video(container: InputContainer, name: str) -> VideoStream | None:
    """The default picture, else the largest; never a cover picture of a sound file."""
    import av

    usable = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not is_cover(stream)
    ]
    if not usable:
        return None

    def order(stream: VideoStream) -> tuple[bool, int]:
        context = stream.codec_context
        is_default = bool(stream.disposition & av.stream.Disposition.default)
        return is_default, (context.width or 0) * (context.height or 0)

    best = max(usable, key=order)
    width, height = best.codec_context.width, best.codec_context.height
    if width * height > MAX_PIXELS:
        raise VideoUnreadableError(
            f"{name}: pictures of {width} x {height} pixels are larger than the limit of "
            f"{MAX_PIXELS:,} pixels.",
            hint="Scale it down first.",
        )
    return best


def _decodable(streams: Iterable[AudioStream]) -> list[AudioStream]:
    """Those for which there is a decoder."""
    return [stream for stream in streams if stream.codec_context is not None]


def _container(container: InputContainer, name: str) -> str:
    """The usual name of the container, which ffmpeg knows by families."""
    names = container.format.name.split(",")
    if "mp4" in names:
        brand = container.metadata.get("major_brand", "").strip()
        return "mov" if brand == "qt" else "mp4"
    if "webm" in names:
        return "webm" if name.lower().endswith(".webm") else "matroska"
    return names[0].removesuffix("_pipe")


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
        self._lead = 0

    def take(self, packet: Packet[AudioStream]) -> None:
        """The next packet of the stream."""
        if self._sound is None and len(self._failures) < MAX_TRIES:
            self._decode(packet)
        if packet.size == 0 or packet.pts is None:
            return
        if self._track.leaves_edits:
            self._lead = max(self._lead, -packet.pts)
        if self._track.hides(packet):
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
            found.damage.append(DamagedPlace("unreadable", 0.0, 0.0))
            found.failures += self._failures
            return
        start = self._start or 0
        self._sound.start = float(start * self._base)
        self._sound.end = float(max(self._end, start) * self._base)
        over = float((self._sum - max(0, self._end - start)) * self._base)
        if over > MOST_OVERLAP_S:
            found.lose(
                f"{length_text(over)} of {self._name} share their time with other sound and are not"
                " heard",
                over / float(self._sum * self._base),
            )
        self._sound.lead = self._lead
        self._sound.jumps = tuple(self._jumps)
        found.sounds.append(self._sound)
