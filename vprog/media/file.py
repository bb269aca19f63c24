"""One opened file: its index, frames, sound, subtitles, hash and facts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import SubtitlesUnreadableError, UsageError
from vprog.media.audio import SoundReader
from vprog.media.fingerprint import content_hash
from vprog.media.index import MediaIndex, VideoStream, build_index
from vprog.media.reader import FrameReader, picture_of
from vprog.media.subtitles import Cue, embedded_cues, find_subtitles, read_subtitles
from vprog.types.frame import Metadata, Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READERS = ("pyav", "decord")


def open_media(
    path: str | os.PathLike[str],
    *,
    subtitles: str | os.PathLike[str] | None = None,
    reader: str = "pyav",
) -> MediaFile:
    """Open a video or sound file and index it.

    Args:
        path: the file; nothing but a regular file is opened.
        subtitles: a subtitle file; by default the one of the same name beside the video,
            and else the subtitles in it.
        reader: which library decodes frames, "pyav" or "decord".

    Raises:
        VideoNotFoundError: nothing lies at a path.
        PackageMissingError: the reader is not installed.
        VideoUnreadableError: no picture and no sound can be decoded.
        SubtitlesUnreadableError: the subtitles named cannot be parsed.
        UsageError: there is no such reader.
    """
    if reader not in READERS:
        raise UsageError(f'unknown reader "{reader}".', hint=f"There are: {', '.join(READERS)}.")
    index = build_index(path)
    file = MediaFile(index, subtitles=subtitles, reader=reader)
    if reader != "pyav" and index.video is not None:
        _ = file.reader  # what was asked for and is not installed is told at once
    return file


class MediaFile:
    """A file of a run. May be used from several threads; decoders are opened when first needed."""

    def __init__(
        self,
        index: MediaIndex,
        *,
        subtitles: str | os.PathLike[str] | None = None,
        reader: str = "pyav",
    ) -> None:
        self.index = index
        self.path = index.path
        self.name = index.path.name
        self._reader_name = reader
        self._lock = threading.RLock()
        self._reader: FrameReader | None = None
        self._sound: SoundReader | None = None
        self._hash: str | None = None
        self._embedded: list[Cue] | None = None
        self._warned: list[str] = []
        self._beside: Path | None = None
        self._side_cues: list[Cue] | None = None
        self._take_subtitles(subtitles)

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
    def reader(self) -> FrameReader:
        """The frame reader.

        Raises:
            NoVideoStreamError: the file has sound only.
            PackageMissingError: the reader that was asked for is not installed.
        """
        with self._lock:
            if self._reader is None:
                self._reader = _open_reader(self._reader_name, self.index)
            return self._reader

    @property
    def content_hash(self) -> str:
        """SHA-256 over the file, and over the subtitles beside it."""
        with self._lock:
            if self._hash is None:
                self._hash = content_hash(self.index.path, self._beside)
            return self._hash

    @property
    def frames_decoded(self) -> int:
        """How many frames the decoder has given so far."""
        return self._reader.frames_decoded if self._reader is not None else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the file, as far as it was met."""
        frames = self._reader.warnings if self._reader is not None else ()
        sound = self._sound.warnings if self._sound is not None else ()
        return (*self.index.warnings, *self._warned, *frames, *sound)

    def sound(self, start: float, end: float) -> NDArray[np.float32]:
        """Mono, float32, 16,000 samples a second: (N,).

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: the stretch is longer than four hours.
        """
        return self._sound_reader().read(start, end)

    def sound_blocks(
        self, start: float, end: float, *, seconds: float = 30.0
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """The same in blocks, each with its start; bounded memory.

        Raises:
            NoAudioStreamError: the file has no sound.
        """
        return self._sound_reader().blocks(start, end, seconds=seconds)

    def cues(self) -> list[Cue]:
        """The subtitles in order of time: given, beside the file, or in it; [] if none."""
        if self._side_cues is not None:
            return list(self._side_cues)
        with self._lock:
            if self._embedded is None:
                self._embedded, warnings = embedded_cues(self.index)
                self._warned.extend(warnings)
            return list(self._embedded)

    def facts(self) -> Metadata:
        """What the container says."""
        index = self.index
        video, audio = index.video, index.audio
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
            has_subtitles=self._side_cues is not None or bool(self.index.subtitle_streams),
        )

    def close(self) -> None:
        """Free the decoders. Index, facts, subtitles and warnings stay."""
        with self._lock:
            reader, sound = self._reader, self._sound
        if reader is not None:
            reader.close()
        if sound is not None:
            sound.close()

    def _sound_reader(self) -> SoundReader:
        with self._lock:
            if self._sound is None:
                self._sound = SoundReader(self.index)
            return self._sound

    def _take_subtitles(self, given: str | os.PathLike[str] | None) -> None:
        """Read the side-car now: it is part of the hash, and its faults belong to the start."""
        if given is not None:
            self._side_cues = read_subtitles(given)
            self._beside = Path(os.path.abspath(given))
            return
        beside = find_subtitles(self.index.path)
        if beside is None:
            return
        try:
            self._side_cues = read_subtitles(beside)
            self._beside = beside
        except SubtitlesUnreadableError as error:
            self._warned.append(
                f"{self.name}: the subtitles beside it are left out: {error.message}"
            )


def _open_reader(name: str, index: MediaIndex) -> FrameReader:
    if name == "decord":
        from vprog.media.decord_reader import DecordReader

        return DecordReader(index)
    from vprog.media.pyav_reader import PyavReader

    return PyavReader(index)
