"""What decodes one file: its index, frame readers, sound and subtitles.

`Decoding` is what media_pool.py needs of it. `Decoders` does it in the process it runs in: the
decoder process, and the host where there is none (Windows).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vprog.media.audio import SoundDamage, SoundReader
from vprog.media.embedded_subtitles import embedded_subtitles
from vprog.media.index import MediaIndex, build_index
from vprog.media.movie_tables import LARGE_TABLE
from vprog.media.opening import FileIdentity, give_back_memory
from vprog.media.reader import FrameReader
from vprog.media.subtitle_files import read_subtitles
from vprog.media.subtitles import SubtitleTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SoundSource(Protocol):
    """Gives the sound of one file; see `SoundReader`."""

    def read(
        self, start: float, end: float, report: SoundDamage | None = None
    ) -> NDArray[np.float32]:
        """See `SoundReader.read`."""
        ...

    def blocks(
        self, start: float, end: float, *, seconds: float = 30.0, report: SoundDamage | None = None
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """See `SoundReader.blocks`."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Decoding(Protocol):
    """Decodes one file, for all who have it open. May be used from several threads."""

    def index(self, seconds: float | None = None) -> MediaIndex:
        """What is known of the file.

        Args:
            seconds: how long reading it may take, where that can be ended.

        Raises:
            VideoUnreadableError: no picture and no sound can be decoded, or it has changed.
            BudgetError: it took longer.
        """
        ...

    def reader(self, name: str) -> FrameReader:
        """The frame reader of that library.

        Raises:
            NoVideoStreamError: the file has sound only.
            PackageMissingError: the library is not installed.
        """
        ...

    def sound(self, track: int = 0) -> SoundSource:
        """The reader of a sound track, counted from 1; 0 for the one players begin with.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: it has no such track, or that one does not decode.
        """
        ...

    def subtitles(self, track: int = 0) -> SubtitleTrack:
        """The subtitles of a track in the file, and what is wrong with them.

        Raises:
            ModuleInputError: it has no such track.
        """
        ...

    def subtitle_file(self, seconds: float | None = None) -> SubtitleTrack:
        """The subtitles of a file that is nothing else.

        Args:
            seconds: how long reading it may take, where that can be ended.

        Raises:
            SubtitlesUnreadableError: it holds none that can be read.
            BudgetError: it took longer.
        """
        ...

    def close(self) -> None:
        """Free the decoders."""
        ...


OpenDecoding = Callable[[Path, FileIdentity, MediaIndex | None], Decoding]
"""Opens the decoding of a file: its path, its state, and its index if that is known."""


class Decoders:
    """The decoders of one file in this process. Implements `Decoding`.

    Args:
        path: where it lies.
        identity: the state it must be in.
        index: where it was read before.
    """

    def __init__(self, path: Path, identity: FileIdentity, index: MediaIndex | None = None) -> None:
        self._path, self._identity = path, identity
        self._lock = threading.RLock()
        self._index = index
        self._readers: dict[str, FrameReader] = {}
        self._sounds: dict[int, SoundReader] = {}

    def index(self, seconds: float | None = None) -> MediaIndex:
        """See `Decoding.index`."""
        with self._lock:  # a second run waits for the index that the first one reads
            if self._index is None:
                self._index = build_index(self._path, self._identity)
            return self._index

    def reader(self, name: str) -> FrameReader:
        """See `Decoding.reader`."""
        with self._lock:
            if name not in self._readers:
                self._readers[name] = self._open_reader(name, self.index())
            return self._readers[name]

    def sound(self, track: int = 0) -> SoundReader:
        """See `Decoding.sound`."""
        with self._lock:
            if track not in self._sounds:
                self._sounds[track] = SoundReader(self.index(), track, make_room=self._make_room)
            return self._sounds[track]

    def subtitles(self, track: int = 0) -> SubtitleTrack:
        """See `Decoding.subtitles`."""
        return embedded_subtitles(self.index(), track)

    def subtitle_file(self, seconds: float | None = None) -> SubtitleTrack:
        """See `Decoding.subtitle_file`."""
        return read_subtitles(self._path, self._identity)

    def close(self) -> None:
        """See `Decoding.close`."""
        with self._lock:
            readers, self._readers = self._readers, {}
            sounds, self._sounds = self._sounds, {}
        for reader in readers.values():
            reader.close()
        for sound in sounds.values():
            sound.close()

    def _open_reader(self, name: str, index: MediaIndex) -> FrameReader:
        if name == "decord":
            from vprog.media.decord_reader import DecordReader

            return DecordReader(index)
        if name == "torchcodec":
            from vprog.media.torchcodec_reader import TorchcodecReader

            return TorchcodecReader(index)
        from vprog.media.pyav_reader import MOST_IDLE_CURSORS, PyavReader

        most_idle = 1 if index.table_bytes > LARGE_TABLE else MOST_IDLE_CURSORS
        return PyavReader(index, most_idle=most_idle, make_room=self._make_room)

    def _make_room(self) -> None:
        """The file is about to be opened once more: where that takes much memory, close what idles.

        Picture and sound of ten hours take 110 MB each to stay open.
        """
        if self.index().table_bytes <= LARGE_TABLE:
            return
        with self._lock:
            readers = (*self._readers.values(), *self._sounds.values())
        for reader in readers:
            rest = getattr(reader, "rest", None)
            if rest is not None:  # decord and torchcodec have one decoder, which stays
                rest()
        give_back_memory()
