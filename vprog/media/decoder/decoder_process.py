"""The decoder process of one file, as the host has it. Implements `Decoding`.

A process that dies or hangs makes its file unreadable, for all who have it open; when the last
of them lets go, the file may be tried again. What it says is checked: it may have been taken over.
"""

from __future__ import annotations

import functools
import math
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from vprog import errors
from vprog.errors import BudgetError, DecoderDiedError, VideoUnreadableError, VprogError
from vprog.media.decoder.decoder_channel import (
    SILENCE_S,
    ChildReader,
    ChildSound,
    DecoderChannel,
)
from vprog.media.decoder.decoder_link import LinkClosedError, LinkSilentError
from vprog.media.decoder.decoder_start import HAS_PROCESSES, DecoderProcess, start_decoder
from vprog.media.decoder.decoder_wire import (
    ChannelRequest,
    DecoderDone,
    Failure,
    IndexRequest,
    ReaderRequest,
    SubtitleFileRequest,
    SubtitlesRequest,
    ToChannel,
    unpack,
)
from vprog.media.file_readers import Decoders, OpenDecoding
from vprog.media.index import MediaIndex
from vprog.media.opening import MAX_PIXELS, FileIdentity
from vprog.media.reader import FrameReader, picture_of
from vprog.media.subtitles import SubtitleTrack

DECODER_MEMORY_MB = 4096
"""What a decoder process may take of address space unless a setting says otherwise."""

_MOST_IDLE = 4
"""Channels that are kept for the next request."""

_NEEDS = {
    "pyav": "",
    "decord": "vprog.media.decord_reader",
    "torchcodec": "vprog.media.torchcodec_reader",
}
"""What the reader of a name has imported; another name has a process of its own."""


def decoding(memory_mb: int = DECODER_MEMORY_MB) -> OpenDecoding:
    """What decodes files here: a process for each, or this one where there are none (Windows).

    Args:
        memory_mb: how much address space a process may use.
    """
    return functools.partial(DecoderChild, memory_mb=memory_mb) if HAS_PROCESSES else Decoders


class DecoderChild:
    """Decodes one file in a process of its own. Implements `Decoding`.

    Args:
        path: where it lies.
        identity: the state it must be in.
        index: where it was read before.
        memory_mb: how much address space the process may use.
        name: the frame reader that it has.
    """

    def __init__(
        self,
        path: Path,
        identity: FileIdentity,
        index: MediaIndex | None = None,
        *,
        memory_mb: int,
        name: str = "pyav",
    ) -> None:
        self._path, self._identity, self._index = path, identity, index
        self._memory_mb, self._name = memory_mb, name
        self._lock = threading.RLock()
        self._process: DecoderProcess | None = None
        self._death: VprogError | None = None
        self._is_closed = False
        self._idle: list[DecoderChannel] = []
        self._lent: list[DecoderChannel] = []
        self._others: dict[str, DecoderChild] = {}

    def index(self, seconds: float | None = None) -> MediaIndex:
        """See `Decoding.index`."""
        with self._lock:
            if self._index is None:
                done = self._ask(IndexRequest(), seconds)
                try:
                    index = unpack(done.data, MediaIndex)
                    _check(index)
                except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
                    raise self._died(f"gives no index ({error})") from error
                self._index = replace(index, path=self._path, identity=self._identity)
            return self._index

    def reader(self, name: str) -> FrameReader:
        """See `Decoding.reader`."""
        index = self.index()
        if name == self._name:
            return ChildReader(name, index, self)
        picture_of(index)
        with self._lock:
            if name not in self._others:
                other = DecoderChild(
                    self._path, self._identity, index, memory_mb=self._memory_mb, name=name
                )
                self._others[name] = other
                other.open_reader()  # what is not installed is told at once
            return self._others[name].reader(name)

    def open_reader(self) -> None:
        """Have the process open its frame reader.

        Raises:
            PackageMissingError: the library is not installed.
            VideoUnreadableError: it cannot read the file.
        """
        self._ask(ReaderRequest(self._name))

    def sound(self, track: int = 0) -> ChildSound:
        """See `Decoding.sound`."""
        return ChildSound(self.index(), track, self)

    def subtitles(self, track: int = 0) -> SubtitleTrack:
        """See `Decoding.subtitles`."""
        return self._subtitles(SubtitlesRequest(track))

    def subtitle_file(self, seconds: float | None = None) -> SubtitleTrack:
        """See `Decoding.subtitle_file`."""
        return self._subtitles(SubtitleFileRequest(), seconds)

    def _subtitles(
        self, request: SubtitlesRequest | SubtitleFileRequest, seconds: float | None = None
    ) -> SubtitleTrack:
        done = self._ask(request, seconds)
        try:
            return unpack(done.data, SubtitleTrack)
        except (msgspec.DecodeError, ValueError) as error:
            raise self._died(f"gives no subtitles ({error})") from error

    def close(self) -> None:
        """End the process; whoever waits for it is told that the file was closed."""
        with self._lock:
            self._is_closed = True
            process, self._process = self._process, None
            others, self._others = list(self._others.values()), {}
        for other in others:
            other.close()
        if process is not None:
            _stop(process, self._idle, [])

    @contextmanager
    def channel(self) -> Iterator[DecoderChannel]:
        """See `LendChannel.channel`.

        Raises:
            DecoderDiedError: the process died, hangs, or says what cannot be.
        """
        channel = self._lend()
        try:
            yield channel
        except LinkClosedError as error:
            raise self._died("") from error
        except LinkSilentError as error:
            raise self._died(f"gave no sign of life for {SILENCE_S:.0f} s") from error
        finally:
            with self._lock:
                if channel in self._lent:
                    self._lent.remove(channel)
                is_alive = self._process is not None and not self._process.is_over
                is_kept = is_alive and channel.is_idle and len(self._idle) < _MOST_IDLE
                if is_kept:
                    self._idle.append(channel)
            if not is_kept:
                channel.close()

    def fail(self, failure: Failure) -> VprogError:
        """See `LendChannel.fail`."""
        message, hint = _clean(failure.message), _clean(failure.hint)
        if failure.kind in _KINDS:
            return _KINDS[failure.kind](message, hint=hint)
        if failure.kind == "MemoryError":
            return VideoUnreadableError(
                f'"{self._path}" needs more than {self._memory_mb:,} MB to be decoded.',
                hint="Raise decoder_memory_mb if you trust the file, or scale it down.",
            )
        return VideoUnreadableError(f'"{self._path}" cannot be decoded: {message}.', hint=_HINT)

    def _ask(self, request: ToChannel, seconds: float | None = None) -> DecoderDone:
        with self.channel() as channel:
            try:
                reply = channel.ask(request, seconds)
            except TimeoutError as error:
                self._died("took too long")
                raise BudgetError(
                    f'"{self._path}" could not be opened within {seconds:g} s.',
                    hint="Raise --max-seconds, or cut it into pieces.",
                ) from error
        if isinstance(reply, Failure):
            raise self.fail(reply)
        return reply

    def _lend(self) -> DecoderChannel:
        with self._lock:
            if self._death is not None:
                raise DecoderDiedError(self._death.message, hint=self._death.hint)
            if self._is_closed:
                raise self._was_closed()
            if self._process is None:
                self._process = start_decoder(
                    self._path,
                    self._identity,
                    self._index,
                    memory_mb=self._memory_mb,
                    preload=_NEEDS[self._name],
                )
                # Who forgets to close a file leaves no process behind.
                weakref.finalize(self, _stop, self._process, self._idle, self._lent)
            if self._idle:
                self._lent.append(self._idle.pop())
                return self._lent[-1]
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    self._process.control.send(ChannelRequest(), (theirs.fileno(),))
                except LinkClosedError as error:
                    ours.close()
                    raise self._died("") from error
            self._lent.append(DecoderChannel(ours))
            return self._lent[-1]

    def _died(self, how: str) -> VprogError:
        """The error of a process that is ended now; `how` if it did not end by itself."""
        with self._lock:
            if self._is_closed:
                return self._was_closed()
            process, self._process = self._process, None
            if self._death is None:
                ending = process.end() if process is not None else "is gone"
                self._death = DecoderDiedError(
                    f'"{self._path}" cannot be decoded: its decoder process {how or ending}.',
                    hint=_HINT,
                )
            while self._idle:
                self._idle.pop().close()
        return DecoderDiedError(self._death.message, hint=self._death.hint)

    def _was_closed(self) -> VprogError:
        return VideoUnreadableError(f'"{self._path.name}" was closed.', hint="Open it again.")


def _stop(process: DecoderProcess, idle: list[DecoderChannel], lent: list[DecoderChannel]) -> None:
    process.kill()
    for channels in (idle, lent):
        while channels:
            channels.pop().close()


_HINT = "It is damaged, or made to do harm: convert it with another program, or leave it out."

_KINDS: dict[str, type[VprogError]] = {
    kind.__name__: kind
    for kind in (
        errors.VideoNotFoundError,
        errors.VideoUnreadableError,
        errors.VideoChangedError,
        errors.NoVideoStreamError,
        errors.NoAudioStreamError,
        errors.SubtitlesUnreadableError,
        errors.ModuleInputError,
        errors.PackageMissingError,
    )
}
"""The errors that decoding raises on purpose."""


def _clean(text: str) -> str:
    """A text of the decoder process for messages."""
    return "".join(letter for letter in text[:2000] if letter.isprintable())


def _check(index: MediaIndex) -> None:
    """Refuse an index that no file can have.

    Raises:
        ValueError: with what is wrong.
    """
    import numpy as np

    if not (math.isfinite(index.duration) and index.duration >= 0):
        raise ValueError(f"a duration of {index.duration} s")
    video = index.video
    if video is None:
        return
    if not (0 < video.width * video.height <= MAX_PIXELS and video.width > 0):
        raise ValueError(f"pictures of {video.width} x {video.height}")
    times = video.times
    if len(times) < 1 or len(times) != len(video.keyframes):
        raise ValueError(f"{len(times)} frames, {len(video.keyframes)} keyframes")
    if not (np.isfinite(times).all() and (times[1:] >= times[:-1]).all()):
        raise ValueError("times out of order")
