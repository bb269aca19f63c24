"""The index of a file: every frame's time, keyframes, streams and damage, by demuxing once.

Only the first picture and the first sound are decoded, to know that they can be and how the
picture is turned. Reading frames is reader.py's business.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import VideoUnreadableError
from vprog.media.demux import read_stream_info
from vprog.media.joined_clock import Clock
from vprog.media.movie_tables import ENTRY_BYTES
from vprog.media.opening import FileIdentity, identify, open_container
from vprog.media.stream_info import DamagedPlace, FormatFacts, SoundInfo, StreamInfo
from vprog.media.track_words import language_name
from vprog.types.metadata import Chapter, Stream
from vprog.types.time import MAX_SECONDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_WIDE = [Fraction(16, 9), Fraction(4, 3), Fraction(3, 2), Fraction(5, 4), Fraction(2)]
USUAL_ASPECTS = (Fraction(1), *_WIDE, *[1 / wide for wide in _WIDE])


@dataclass(frozen=True, eq=False)
class VideoStream:
    """The picture of a file. Sizes are of the displayed, turned picture."""

    codec: str
    width: int
    height: int
    rotation: int
    """Degrees clockwise by which the coded picture is turned for display: 0, 90, 180, 270."""
    mirrored: bool
    """Whether it is mirrored left to right, after being turned."""
    fps: float
    times: NDArray[np.float64]
    """Seconds on the file's clock (see `MediaIndex.origin`), sorted, (T,)."""
    keyframes: NDArray[np.bool_]
    """Whether decoding can start at the frame, (T,)."""
    n_stated: int
    """How many frames the file says it has, where it says more than it holds; else T."""
    number: int
    time_base: Fraction
    first_pts: int
    by_count: bool
    """Decoded frames are told apart by counting: the file's time stamps do not serve."""
    has_leading: bool
    """Some frames are shown before the keyframe that they follow in the file (open groups)."""
    format: FormatFacts
    places: NDArray[np.int64] | None
    """In a file with a clock of its own: at which byte each frame's packet stands, (T,)."""

    @property
    def aspect(self) -> Fraction:
        """Width over height as players show it, where pixels need not be square.

        A usual ratio where it differs by less than a pixel: 854 x 480 is 16:9.
        """
        pixel = self.format.pixel_aspect
        is_turned = self.rotation in (90, 270)
        exact = Fraction(self.width, self.height) * (1 / pixel if is_turned else pixel)
        near = min(USUAL_ASPECTS, key=lambda usual: abs(usual - exact))
        return near if abs(near - exact) * self.height < 1 else exact

    @property
    def start(self) -> float:
        """When the first frame is shown; above 0 where the sound begins before it."""
        return float(self.times[0])

    def at(self, time: float) -> int:
        """The number of the frame on display: the last one with a time <= `time`."""
        # A time that was rounded in its last digits still names the frame it was taken from.
        tolerance = 1e-6 + abs(time) * 1e-12
        return max(0, int(self.times.searchsorted(time + tolerance, side="right")) - 1)


@dataclass(frozen=True)
class AudioStream:
    """A sound track that decodes; `start` in seconds on the file's clock.

    `track` counts the sound tracks of the file from 1, `number` is the container's own.
    """

    track: int
    codec: str
    sample_rate: int
    channels: int
    duration: float
    start: float
    number: int
    lead: int
    """Ticks that are added to a place to jump to; see `SoundInfo.lead`."""
    jumps: tuple[tuple[float, int], ...]
    """In a file with a clock: times, in the file's seconds, and the bytes to read them from."""


@dataclass(frozen=True, eq=False)
class MediaIndex:
    """What is known of a file before any frame is asked for."""

    path: Path
    identity: FileIdentity
    container: str
    size_bytes: int
    matter_end: int
    """The byte at which tags begin that stand behind bare sound; else the size."""
    duration: float
    """Seconds from second 0 to the end of what the file really holds."""
    video: VideoStream | None
    sounds: tuple[AudioStream, ...]
    """Its sound tracks, the one that players begin with first."""
    origin: float
    """The file's own time of second 0: of the first displayed frame, or of the first sound where
    that begins more than 0.1 s before it, as players show it."""
    subtitle_streams: dict[int, int]
    """The subtitle tracks that are text: their number, from 1, to the container's own."""
    streams: tuple[Stream, ...]
    chapters: tuple[Chapter, ...]
    clock: Clock | None
    """What puts its time stamps in order, where they start anew; None for most files."""
    title: str
    created: str
    warnings: tuple[str, ...]
    damage: tuple[DamagedPlace, ...]
    """Where it is known to be damaged before anything but its first picture is decoded."""
    unread: float
    """The share of its pictures or sound that is known not to be read, in [0, 1]."""

    @property
    def can_jump(self) -> bool:
        """Whether decoding can begin at any keyframe of the picture; else at the first alone."""
        is_numbered = self.video is not None and not self.video.by_count
        return is_numbered and (self.clock is None or self.clock.seeks_bytes)

    @property
    def table_bytes(self) -> int:
        """What an open container of it holds in memory, about: that of MP4 and MOV has a table of
        every packet of every track, whichever of them is read; the others have none worth counting.
        Sound has 1,024 samples a packet in AAC, which is what stands in such files.
        """
        if self.container not in ("mp4", "mov"):
            return 0
        n_packets = 0 if self.video is None else len(self.video.times)
        n_packets += sum(round(sound.duration * sound.sample_rate) for sound in self.sounds) // 1024
        return n_packets * ENTRY_BYTES

    @property
    def joints(self) -> tuple[float, ...]:
        """When its second and later parts begin, where recordings are joined in it."""
        starts = () if self.clock is None else self.clock.starts
        return tuple(start - self.origin for start in starts)

    @property
    def audio(self) -> AudioStream | None:
        """The sound track that players begin with."""
        return self.sounds[0] if self.sounds else None

    @property
    def n_subtitle_streams(self) -> int:
        """How many subtitle tracks the file has, pictures counted in."""
        return sum(stream.kind == "subtitles" for stream in self.streams)


def build_index(path: str | os.PathLike[str], identity: FileIdentity | None = None) -> MediaIndex:
    """Read a file's index.

    Args:
        path: where it lies.
        identity: the state it must be in, as `identify` gave it; by default its present one.

    Raises:
        VideoNotFoundError: nothing lies at the path.
        VideoUnreadableError: no picture and no sound can be decoded from it, or it has changed.
    """
    where, present = identify(path)
    identity = identity or present
    with open_container(where, identity) as container:
        found = read_stream_info(container, where)
        if found.clock is not None:
            with open_container(where, identity) as again:
                found = read_stream_info(again, where, found.clock)
        video = _video(found)
        sounds = tuple(_audio(sound, found.origin) for sound in found.sounds)
        chapters = _chapters(found)
        if video is None and not sounds:
            raise VideoUnreadableError(
                f'"{where}": nothing in it can be decoded: {found.reason()}.',
                hint="Copy or download it again, or convert it to mp4.",
            )
        duration = max(0.0, found.end - found.origin)
        if duration > MAX_SECONDS:
            raise VideoUnreadableError(
                f'"{where}": its time stamps reach over {duration:.3g} s, more than '
                f"{MAX_SECONDS:.0e} s: they are damaged.",
                hint="Copy or download it again, or convert it to mp4.",
            )
        return MediaIndex(
            path=where,
            identity=identity,
            container=found.container,
            size_bytes=identity.size,
            matter_end=found.matter_end,
            duration=duration,
            video=video,
            sounds=sounds,
            origin=found.origin,
            subtitle_streams=found.text_streams,
            streams=_streams(found),
            chapters=chapters,
            clock=found.clock,
            title=found.title,
            created=found.created,
            warnings=tuple(f"{where.name}: {warning}" for warning in found.warnings),
            damage=tuple(dict.fromkeys(found.damage)),
            unread=found.unread,
        )


def _video(found: StreamInfo) -> VideoStream | None:
    picture = found.picture
    if picture is None:
        return None
    turned = picture.rotation in (90, 270)
    times, lead = found.times, found.video_start - found.origin
    if lead:
        times = times + lead
        times.flags.writeable = False
    return VideoStream(
        codec=picture.codec,
        width=picture.height if turned else picture.width,
        height=picture.width if turned else picture.height,
        rotation=picture.rotation,
        mirrored=picture.mirrored,
        fps=_fps(found),
        times=times,
        keyframes=found.keyframes,
        n_stated=max(found.n_stated, len(found.times)),
        number=picture.number,
        time_base=picture.time_base,
        first_pts=found.first_pts,
        by_count=found.by_count,
        has_leading=found.has_leading,
        format=picture.format,
        places=found.places,
    )


def _fps(found: StreamInfo) -> float:
    """The average rate; the stated one where it agrees, or where the end is missing."""
    span = float(found.times[-1])
    if len(found.times) == 1 or span <= 0:
        length = found.video_end - found.video_start
        return 1.0 / length if length > 0 else 0.0
    number = None if found.picture is None else found.picture.number
    average = (len(found.times) - 1) / span
    if any(track.gaps for track in found.tracks if track.number == number):
        import numpy as np

        return float(1 / np.median(np.diff(found.times)))  # of what was recorded
    if found.rate and (found.n_stated or abs(found.rate - average) <= 0.005 * average):
        return found.rate
    return average


def _audio(sound: SoundInfo, origin: float) -> AudioStream:
    return AudioStream(
        track=sound.track,
        codec=sound.codec,
        sample_rate=sound.sample_rate,
        channels=sound.channels,
        duration=max(0.0, sound.end - sound.start),
        start=sound.start - origin,
        number=sound.number,
        lead=sound.lead,
        jumps=sound.jumps,
    )


def _chapters(found: StreamInfo) -> tuple[Chapter, ...]:
    """Its chapters, as far as they lie in what the file really holds."""
    duration = max(0.0, found.end - found.origin)
    chapters = []
    for title, start, end in found.chapters:
        begins, stops = max(0.0, start - found.origin), min(end - found.origin, duration)
        if begins <= stops:
            chapters.append(Chapter(title, begins, stops))
    n_outside = len(found.chapters) - len(chapters)
    if n_outside:
        found.warnings.append(
            f"{n_outside} of its {len(found.chapters)} chapters lie outside of what it holds "
            "and are left out"
        )
    return tuple(chapters)


def _streams(found: StreamInfo) -> tuple[Stream, ...]:
    """The tracks as programs see them, and which of them tasks take when none is named."""
    used = {found.picture.number} if found.picture is not None else set()
    used |= {sound.number for sound in found.sounds[:1]} | set(
        list(found.text_streams.values())[:1]
    )
    return tuple(
        Stream(
            kind=track.kind,
            number=track.track,
            codec=track.codec,
            language=language_name(track.language),
            language_code=track.language,
            title=track.title,
            start=0.0 if track.start is None else max(0.0, round(track.start - found.origin, 6)),
            duration=0.0 if track.start is None else round(max(0.0, track.end - track.start), 6),
            is_default=track.is_default,
            is_used=track.number in used,
        )
        for track in found.tracks
    )
