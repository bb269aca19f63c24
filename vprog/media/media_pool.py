"""A file as an engine holds it for all its runs: index, decoders, hash; and the pool of them.

Whoever asks for a file that another run has open gets the same index and the same decoders.
When the last run lets go, decoders and pictures go at once and the index stays for a while:
decoders hold the most memory, and what a run decodes then never hangs on the run before it.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.errors import SubtitlesUnreadableError, VideoUnreadableError
from vprog.media.decoder.decoder_process import decoding
from vprog.media.file_readers import Decoders, Decoding, OpenDecoding, SoundSource
from vprog.media.fingerprint import file_hash
from vprog.media.index import MediaIndex
from vprog.media.opening import FileIdentity, identify
from vprog.media.reader import CallReport, FrameReader
from vprog.media.subtitles import SubtitleTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECENT_BYTES = 32 * 2**20
"""What a pool keeps of the pictures it gave last: some 30 in HD, most of what one program line
looks at twice."""

MOST_IDLE = 32
"""Files whose index is kept without a user: an index takes 9 bytes a frame, 2 MB for two hours."""


class SharedFile:
    """One file. Its index is read, its decoders are opened when they are first needed."""

    def __init__(
        self,
        path: Path,
        identity: FileIdentity,
        recent: RecentPictures,
        open_decoding: OpenDecoding = Decoders,
    ) -> None:
        self.path = path
        self.identity = identity
        self.n_users = 0
        self._open_decoding = open_decoding
        self._decoding: Decoding | None = None
        self._recent = recent
        self._lock = threading.RLock()
        self._hash: str | None = None
        self._hashing = threading.Lock()
        """Apart from the other: who decodes does not wait for gigabytes to be hashed."""
        self._index: MediaIndex | None = None
        self._readers: dict[str, FrameReader] = {}
        self._embedded_subtitles: dict[int, SubtitleTrack] = {}
        self._frames_decoded = 0

    @property
    def index(self) -> MediaIndex:
        """What is known of the file.

        Raises:
            VideoUnreadableError: no picture and no sound can be decoded, or it has changed.
        """
        return self.read_index()

    def read_index(self, seconds: float | None = None) -> MediaIndex:
        """The same, read within so many seconds.

        Raises:
            BudgetError: it took longer.
        """
        with self._lock:  # a second run waits for the index that the first one reads
            if self._index is None:
                self._index = self._decoders().index(seconds)
            return self._index

    def reader(self, name: str) -> FrameReader:
        """Its frame reader of that library.

        Raises:
            NoVideoStreamError: the file has sound only.
            PackageMissingError: the library is not installed.
        """
        with self._lock:
            if name not in self._readers:
                self._readers[name] = self._decoders().reader(name)
            return self._readers[name]

    def sound(self, track: int = 0) -> SoundSource:
        """Its reader of a sound track, counted from 1; 0 for the one players begin with.

        Raises:
            NoAudioStreamError: the file has no sound.
            ModuleInputError: it has no such track, or that one does not decode.
        """
        with self._lock:
            return self._decoders().sound(track)

    @property
    def content_hash(self) -> str:
        """SHA-256 of its bytes.

        Raises:
            VideoUnreadableError: it has changed since it was opened, or cannot be read.
        """
        with self._hashing:
            if self._hash is None:
                self._hash = file_hash(self.path, self.identity)
            return self._hash

    @property
    def frames_decoded(self) -> int:
        """How many frames its decoders have given so far, for all runs."""
        with self._lock:
            return self._frames_decoded + sum(
                reader.frames_decoded for reader in self._readers.values()
            )

    def embedded_subtitles(self, track: int = 0) -> SubtitleTrack:
        """The subtitles of a track in the file, and what is wrong with them.

        Args:
            track: counted from 1; 0 for the first track that holds any text.

        Raises:
            ModuleInputError: it has no such track.
        """
        with self._lock:
            if track not in self._embedded_subtitles:
                self._embedded_subtitles[track] = self._decoders().subtitles(track)
            return self._embedded_subtitles[track]

    def picture(
        self,
        time: float,
        max_side: int | None,
        *,
        reader: str,
        report: CallReport,
        run: int,
        is_whole: bool,
        is_lent: bool = False,
    ) -> NDArray[np.uint8]:
        """The whole picture on display at a time, RGB, uint8, (H, W, 3): the caller's own copy.

        Args:
            time: seconds on the file's clock.
            max_side: scale down so that the longer side is at most this.
            reader: of which library.
            report: told what is decoded and lost on the way.
            run: who reads.
            is_whole: whether it has met no damage: then it may have what another was given.
            is_lent: whether it is only looked at: no copy is made, and it cannot be written to.

        Raises:
            NoVideoStreamError: the file has sound only.
        """
        frames = self.reader(reader)
        stream = self.index.video
        assert stream is not None  # else there is no reader
        key = (self, reader, stream.at(time), max_side, 0 if is_whole else run)
        pixels = self._recent.get(key)
        if pixels is None:
            decoded = next(iter(frames.read([time], max_side=max_side, report=report, run=run)))
            pixels = decoded.pixels
            if not report.is_degraded:  # else the next call would not be told of what is lost
                self._recent.keep(key, pixels)
        if is_lent:
            pixels.flags.writeable = False
            return pixels
        return pixels.copy()  # a caller may draw on its picture

    def close(self) -> None:
        """Free the decoders and pictures; index, hash and subtitles stay."""
        with self._lock:
            readers, self._readers = self._readers, {}
            self._frames_decoded += sum(reader.frames_decoded for reader in readers.values())
            decoding, self._decoding = self._decoding, None
        if decoding is not None:
            decoding.close()
        self._recent.forget(self)

    def _decoders(self) -> Decoding:
        if self._decoding is None:
            self._decoding = self._open_decoding(self.path, self.identity, self._index)
        return self._decoding


PictureKey = tuple[SharedFile, str, int, int | None, int]
"""A file, its reader, the number of a frame, the longer side, and whose picture it is alone; 0
for all runs."""


class RecentPictures:
    """The pictures that were given last, of all files of a pool, within `RECENT_BYTES`."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[PictureKey, NDArray[np.uint8]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: PictureKey) -> NDArray[np.uint8] | None:
        """The picture of a key; not to be written to."""
        with self._lock:
            pixels = self._pictures.get(key)
            if pixels is not None:
                self._pictures.move_to_end(key)
            return pixels

    def keep(self, key: PictureKey, pixels: NDArray[np.uint8]) -> None:
        """Keep a picture in place of those that were given longest ago."""
        with self._lock:
            if key in self._pictures or pixels.nbytes > RECENT_BYTES:
                return
            self._pictures[key] = pixels
            self._bytes += pixels.nbytes
            while self._bytes > RECENT_BYTES:
                self._bytes -= self._pictures.popitem(last=False)[1].nbytes

    def forget(self, file: SharedFile) -> None:
        """Let the pictures of a file go."""
        with self._lock:
            for key in [key for key in self._pictures if key[0] is file]:
                self._bytes -= self._pictures.pop(key).nbytes


class MediaPool:
    """The files that the runs of an engine have open, each once. Used from any thread."""

    def __init__(
        self, *, most_idle: int = MOST_IDLE, open_decoding: OpenDecoding | None = None
    ) -> None:
        """Make the pool.

        Args:
            most_idle: how many files without a user keep their index.
            open_decoding: what decodes a file; by default a process of its own where there
                are such.
        """
        self._most_idle = most_idle
        self._open_decoding = open_decoding or decoding()
        self._files: OrderedDict[tuple[Path, FileIdentity], SharedFile] = OrderedDict()
        self._recent = RecentPictures()
        self._lock = threading.Lock()

    def open(self, path: str | os.PathLike[str], *, seconds: float | None = None) -> SharedFile:
        """The file at a path with one user more, who has to `release` it.

        Args:
            path: where it lies.
            seconds: how long reading its index may take.

        Raises:
            BudgetError: it took longer.
            VideoNotFoundError: nothing lies at the path.
            VideoUnreadableError: what lies there cannot be read.
        """
        # The path as well: messages name it, and a second name may go while the first stays.
        key = where, identity = identify(path)
        with self._lock:
            file = self._files.get(key)
            if file is None:
                file = self._files[key] = SharedFile(
                    where, identity, self._recent, self._open_decoding
                )
            file.n_users += 1
            self._files.move_to_end(key)
        try:
            file.read_index(seconds)
        except BaseException:
            self.release(file)
            raise
        return file

    def subtitle_file(
        self, where: Path, identity: FileIdentity, *, seconds: float | None = None
    ) -> SubtitleTrack:
        """The subtitles of a subtitle file, read by what decodes files here.

        Args:
            where: as `identify_subtitles` gives it.
            identity: the state it must be in.
            seconds: how long reading it may take.

        Raises:
            SubtitlesUnreadableError: it holds none, or whoever reads it dies or hangs.
            BudgetError: it took longer.
        """
        decoding = self._open_decoding(where, identity, None)
        try:
            return decoding.subtitle_file(seconds)
        except VideoUnreadableError as error:
            raise SubtitlesUnreadableError(error.message, hint=error.hint) from error
        finally:
            decoding.close()

    def release(self, file: SharedFile) -> None:
        """One user less; what nobody uses is closed."""
        with self._lock:
            file.n_users -= 1
            if file.n_users:
                return
            file.close()  # within the lock: nobody may take it up between
            idle = [key for key, known in self._files.items() if not known.n_users]
            for key in idle[: max(0, len(idle) - self._most_idle)]:
                del self._files[key]
