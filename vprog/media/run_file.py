"""One file as a run has it: with the subtitles it was given and the damage it met in it."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import SubtitlesUnreadableError, UsageError, VideoUnreadableError
from vprog.media.audio import SoundDamage
from vprog.media.fingerprint import hash_with_subtitles
from vprog.media.index import VideoStream
from vprog.media.losses import DAMAGE_SHARE
from vprog.media.media_pool import MediaPool, SharedFile
from vprog.media.opening import FileIdentity, check_identity
from vprog.media.reader import (
    CallReport,
    DecodedFrame,
    SilentReport,
    Tally,
    picture_of,
)
from vprog.media.stream_info import DamagedPlace
from vprog.media.subtitle_files import find_subtitles, identify_subtitles
from vprog.media.subtitles import Subtitle, SubtitleTrack
from vprog.types.frame import Video
from vprog.types.metadata import Metadata, Stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READERS = ("pyav", "decord", "torchcodec")

_NUMBERS = itertools.count(1)
"""Of the runs' files: whoever decodes serves each as if it were alone."""


def open_media(
    path: str | os.PathLike[str],
    *,
    subtitles: str | os.PathLike[str] | None = None,
    reader: str = "pyav",
    pool: MediaPool | None = None,
    seconds: float | None = None,
) -> MediaFile:
    """Open a video or sound file and index it.

    Args:
        path: the file; nothing but a regular file is opened.
        subtitles: a subtitle file; by default the one of the same name beside the video,
            and else the subtitles in it.
        reader: which library decodes frames, "pyav", "decord" or "torchcodec".
        pool: what shares index and decoders among runs; by default nobody shares them.
        seconds: how long reading its index may take.

    Raises:
        VideoNotFoundError: nothing lies at a path.
        BudgetError: reading it took longer.
        PackageMissingError: the reader is not installed.
        VideoUnreadableError: no picture and no sound can be decoded.
        SubtitlesUnreadableError: the subtitles named cannot be parsed.
        UsageError: there is no such reader.
    """
    if reader not in READERS:
        raise UsageError(f'unknown reader "{reader}".', hint=f"There are: {', '.join(READERS)}.")
    pool = pool or MediaPool(most_idle=0)
    shared = pool.open(path, seconds=seconds)
    try:
        file = MediaFile(shared, pool, subtitles=subtitles, reader=reader, seconds=seconds)
        if reader != "pyav" and file.index.video is not None:
            shared.reader(reader)  # what was asked for and is not installed is told at once
    except BaseException:
        pool.release(shared)
        raise
    return file


class MediaFile:
    """A file of a run, over what the engine shares of it. May be used from several threads."""

    def __init__(
        self,
        shared: SharedFile,
        pool: MediaPool,
        *,
        subtitles: str | os.PathLike[str] | None = None,
        reader: str = "pyav",
        seconds: float | None = None,
    ) -> None:
        self.index = shared.index
        self.path = shared.path
        self.name = shared.path.name
        self._shared = shared
        self._pool = pool
        self._reader = reader
        self._number = next(_NUMBERS)
        self._lock = threading.Lock()
        self._is_closed = False
        picture = self.index.video
        self._tally = Tally(self.name, picture) if picture is not None else None
        self._sound_damage = SoundDamage()
        self._hash: str | None = None
        self._warned: dict[str, None] = {}
        self._beside: Path | None = None
        self._beside_identity: FileIdentity | None = None
        self._side_subtitles: SubtitleTrack | None = None
        self._take_subtitles(subtitles, seconds)

    @property
    def subtitles_path(self) -> Path | None:
        """The subtitle file in use: given, or found beside the video; None if neither."""
        return self._beside

    @property
    def stream(self) -> VideoStream:
        """The picture.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        return picture_of(self.index)

    @property
    def content_hash(self) -> str:
        """SHA-256 over the file, and over the subtitles beside it."""
        with self._lock:
            if self._hash is None:
                video, beside = self._shared.content_hash, self._beside
                self._hash = (
                    video
                    if beside is None
                    else hash_with_subtitles(video, beside, self._beside_identity)
                )
            return self._hash

    @property
    def frames_decoded(self) -> int:
        """How many frames were decoded for this run so far."""
        return self._tally.frames_decoded if self._tally is not None else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the file, as far as this run met it."""
        frames = self._tally.warnings if self._tally is not None else ()
        sound = self._sound_damage.warnings(self.name)
        return (*self.index.warnings, *self._warned, *frames, *sound)

    @property
    def is_whole(self) -> bool:
        """Whether no picture of it is known to be lost or damaged, as far as this run met it.

        Else what others were given of it says nothing of what this run would meet on its way.
        """
        return self._tally is not None and self._tally.is_whole and not self.index.damage

    @property
    def lost(self) -> float:
        """The share of what was read that was lost in decoding, in [0, 1]."""
        lost = self._tally.lost_share if self._tally is not None else 0.0
        if self._sound_damage.lost or self._sound_damage.reasons:
            lost = max(lost, DAMAGE_SHARE)
        return lost

    @property
    def damage(self) -> list[DamagedPlace]:
        """Where the file is damaged, as far as this run met it, in order of time."""
        pictures = self._tally.damage if self._tally is not None else []
        return sorted(
            {*self.index.damage, *pictures, *self._sound_damage.places},
            key=lambda damage: (damage.start, damage.end, damage.kind),
        )

    @property
    def unread(self) -> float:
        """The share of its pictures or sound that is known to be lost, in [0, 1]."""
        return 1.0 - (1.0 - self.index.unread) * (1.0 - self.lost)

    def frames(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        on_decoded: Callable[[], None] | None = None,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[DecodedFrame]:
        """The frames on display at many times; see `FrameReader.read`.

        Args:
            times: seconds on the file's clock.
            max_side: scale down so that the longer side is at most this.
            on_decoded: called for each frame that has to be decoded.
            on_degraded: called where frames are lost or may be damaged.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        reader = self._opened().reader(self._reader)
        report = self._report(on_decoded, on_degraded)
        return reader.read(
            times,
            max_side=max_side,
            report=report,
            run=self._number,
            in_company=self._shared.n_users > 1,
        )

    def picture(
        self,
        time: float,
        max_side: int | None = None,
        on_decoded: Callable[[], None] | None = None,
        on_degraded: Callable[[], None] | None = None,
        *,
        is_lent: bool = False,
    ) -> NDArray[np.uint8]:
        """The whole picture on display at a time: RGB, uint8, (H, W, 3).

        `is_lent`: it is only looked at, and cannot be written to.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        report = self._report(on_decoded, on_degraded)
        return self._opened().picture(
            time,
            max_side,
            reader=self._reader,
            report=report,
            run=self._number,
            is_whole=self.is_whole,
            is_lent=is_lent,
        )

    def sound(
        self,
        start: float,
        end: float,
        *,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> NDArray[np.float32]:
        """Mono, float32, 16,000 samples a second: (N,).

        Args:
            start: seconds on the file's clock.
            end: likewise.
            track: which sound track, counted from 1; 0 for the one players begin with.
            on_degraded: called where sound of it is lost.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: the span is longer than four hours, or there is no such track.
        """
        reader, damage = self._opened().sound(track), SoundDamage()
        try:
            return reader.read(start, end, damage)
        finally:
            self._take_damage(damage, on_degraded)

    def sound_blocks(
        self,
        start: float,
        end: float,
        *,
        seconds: float = 30.0,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """The same in blocks, each with its start; bounded memory.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: there is no such track.
        """
        blocks = self._opened().sound(track).blocks
        return self._watched_blocks(blocks, start, end, seconds, on_degraded)

    def sound_tracks(self) -> list[Stream]:
        """The sound tracks that decode, the one that players begin with first."""
        streams = {stream.number: stream for stream in self.index.streams if stream.kind == "audio"}
        return [streams[sound.track] for sound in self.index.sounds]

    def subtitles(self, track: int = 0) -> list[Subtitle]:
        """The subtitles in order of time; [] if there are none.

        Args:
            track: a subtitle track in the file, counted from 1; 0 for those given, else those
                beside the file, else the first track that holds any.

        Raises:
            ModuleInputError: there is no such track in the file.
        """
        if self._side_subtitles is not None and not track:
            return list(self._side_subtitles.subtitles)
        return list(self._shared.embedded_subtitles(track).subtitles)

    def subtitle_warnings(self, track: int = 0) -> tuple[str, ...]:
        """What there is to know of the subtitles that `subtitles` gives: the track, damage."""
        if self._side_subtitles is not None and not track:
            return self._side_subtitles.warnings
        return self._shared.embedded_subtitles(track).warnings

    def facts(self) -> Metadata:
        """What the container says."""
        index = self.index
        video, audio = index.video, index.audio
        kinds = [stream.kind for stream in index.streams]
        return Metadata(
            container=index.container,
            duration=index.duration,
            size_bytes=index.size_bytes,
            width=video.width if video else 0,
            height=video.height if video else 0,
            fps=video.fps if video else 0.0,
            n_frames=len(video.times) if video else 0,
            rotation=video.rotation if video else 0,
            video_codec=video.codec if video else "",
            audio_codec=audio.codec if audio else "",
            sample_rate=audio.sample_rate if audio else 0,
            channels=audio.channels if audio else 0,
            n_subtitle_streams=index.n_subtitle_streams,
            title=index.title,
            n_video_streams=kinds.count("video"),
            n_audio_streams=kinds.count("audio"),
            streams=list(index.streams),
            chapters=list(index.chapters),
            video_start=video.start if video else 0.0,
            audio_start=max(0.0, audio.start) if audio else 0.0,
            pixel_format=video.format.pixel_format if video else "",
            bit_depth=video.format.bit_depth if video else 0,
            hdr=video.format.hdr if video else "",
            is_interlaced=video is not None and video.format.is_interlaced,
            is_mirrored=video is not None and video.mirrored,
            has_alpha=video is not None and video.format.has_alpha,
            created=index.created,
            aspect_ratio=f"{video.aspect.numerator}:{video.aspect.denominator}" if video else "",
        )

    def video(self, index: int) -> Video:
        """The file as programs see it, as the video with that index."""
        video = self.index.video
        return Video(
            index=index,
            duration=self.index.duration,
            width=video.width if video else 0,
            height=video.height if video else 0,
            fps=video.fps if video else 0.0,
            n_frames=len(video.times) if video else 0,
            has_audio=self.index.audio is not None,
            has_subtitles=self._has_subtitles(),
        )

    def check_unchanged(self) -> None:
        """Be sure that the file is still what `content_hash` speaks of.

        The subtitles beside it were read when it was opened: what became of them is no matter.

        Raises:
            VideoChangedError: it has changed or gone.
        """
        check_identity(self.path, self._shared.identity)

    def close(self) -> None:
        """Let the decoders go. Index, facts, subtitles and warnings stay."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._pool.release(self._shared)

    def _has_subtitles(self) -> bool:
        """Whether there are subtitles; without sound to listen to, only those with text count."""
        if self._side_subtitles is None and not self.index.subtitle_streams:
            return False
        if self.index.audio is not None or self.subtitles():
            return True
        empty = f"{self.name}: no text can be read in its subtitles"
        self._warned.update(dict.fromkeys((empty, *self.subtitle_warnings())))
        return False

    def _opened(self) -> SharedFile:
        if self._is_closed:
            raise VideoUnreadableError(f'"{self.name}" was closed.', hint="Open it again.")
        return self._shared

    def _report(
        self, on_decoded: Callable[[], None] | None, on_degraded: Callable[[], None] | None
    ) -> CallReport:
        of_run = SilentReport() if self._tally is None else self._tally
        return CallReport(of_run, on_decoded, on_degraded)

    def _watched_blocks(
        self,
        blocks: Callable[..., Iterator[tuple[float, NDArray[np.float32]]]],
        start: float,
        end: float,
        seconds: float,
        on_degraded: Callable[[], None] | None,
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        damage = SoundDamage()
        try:
            yield from blocks(start, end, seconds=seconds, report=damage)
        finally:
            self._take_damage(damage, on_degraded)

    def _take_damage(self, damage: SoundDamage, on_degraded: Callable[[], None] | None) -> None:
        """Add what one read met to what the run met, and tell the call."""
        with self._lock:
            self._sound_damage.lost |= damage.lost
            self._sound_damage.reasons |= damage.reasons
        if on_degraded is not None and (damage.lost or damage.reasons):
            on_degraded()

    def _take_subtitles(self, given: str | os.PathLike[str] | None, seconds: float | None) -> None:
        """Read the side-car now: it is part of the hash, and its faults belong to the start."""
        path = given if given is not None else find_subtitles(self.index.path)
        if path is None:
            return
        try:
            where, identity = identify_subtitles(path)
            self._side_subtitles = self._pool.subtitle_file(where, identity, seconds=seconds)
            self._beside, self._beside_identity = where, identity
            self._warned.update(dict.fromkeys(self._side_subtitles.warnings))
        except SubtitlesUnreadableError as error:
            if given is not None:
                raise
            text = f"{self.name}: the subtitles beside it are left out: {error.message}"
            self._warned[text] = None
