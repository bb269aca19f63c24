"""The host's end of a channel to a decoder process, and the readers of frames and sound on it."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Protocol, TypeVar

from vprog.errors import VprogError
from vprog.media.audio import SAMPLE_RATE, SoundDamage, check_span, joined, sample_count, sound_of
from vprog.media.decoder.decoder_events import tell
from vprog.media.decoder.decoder_link import DecoderLink, LinkClosedError, LinkSilentError
from vprog.media.decoder.decoder_wire import (
    Busy,
    DecoderDone,
    Enough,
    Failure,
    FramesRequest,
    FromChannel,
    More,
    Piece,
    SoundRequest,
    ToChannel,
)
from vprog.media.decoder.shared_block import SharedBlock
from vprog.media.index import MediaIndex
from vprog.media.reader import (
    DecodedFrame,
    DecodeReport,
    SilentReport,
    picture_of,
    scaled_size,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Taken = TypeVar("_Taken")

SILENCE_S = 60.0
"""A decoder that reads no packet for so long hangs."""

_LEAVE_S = 5.0
"""How long one waits for a decoder to go back to where the host stands."""

SLOTS_BYTES = 32 * 2**20
MOST_SLOTS = 8
"""Pieces that are decoded ahead: up to eight, within 32 MB, but always one."""


class DecoderChannel:
    """One channel. Used by one thread at a time.

    Attributes:
        is_idle: whether the next request may be made on it.
        block: the memory that pieces lie in.
    """

    def __init__(self, end: socket.socket) -> None:
        self.is_idle = True
        self.block: SharedBlock | None = None
        self._link: DecoderLink[FromChannel] = DecoderLink(end, FromChannel)

    def ask(self, request: ToChannel, seconds: float | None = None) -> DecoderDone | Failure:
        """A request that is answered in one piece.

        Args:
            request: what is wanted.
            seconds: how long to wait for it in all; None as long as there are signs of life.

        Raises:
            LinkClosedError, LinkSilentError: the process is gone, or hangs.
            TimeoutError: the time is over.
        """
        self.is_idle = False
        ends = math.inf if seconds is None else time.monotonic() + seconds
        self._link.send(request)
        message: FromChannel = Busy()
        while isinstance(message, Busy):
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                message = self._link.receive(min(SILENCE_S, left))
            except LinkSilentError:
                if left < SILENCE_S:
                    raise TimeoutError from None
                raise
        if not isinstance(message, DecoderDone | Failure):
            raise LinkClosedError("the decoder gives a piece that nobody asked for.")
        self.is_idle = True
        return message

    def pieces(
        self,
        request: FramesRequest | SoundRequest,
        hear: Callable[[FromChannel], None],
    ) -> Generator[Piece, None, Failure | None]:
        """The pieces of a request; each is to be copied before the next is asked for.

        Args:
            request: what is wanted, in slots that this makes.
            hear: is told of each message before its piece is given; may raise.

        Returns:
            What ended it before its end.

        Raises:
            LinkClosedError, LinkSilentError: the process is gone, or hangs.
        """
        self.is_idle = False
        self._send(request)
        while True:
            message = self._link.receive(SILENCE_S)
            if not isinstance(message, Busy):
                # Nothing more comes of it, whatever whoever hears of it makes of it.
                self.is_idle = not isinstance(message, Piece) or message.is_last
            hear(message)
            if isinstance(message, Piece):
                try:
                    yield message
                except GeneratorExit:
                    self._leave()
                    raise
                if message.is_last:
                    return None
                self._link.send(More())
            elif isinstance(message, Failure):
                return message
            elif isinstance(message, DecoderDone):
                return None

    def close(self) -> None:
        """Close it: the decoder process ends what it does for it."""
        self._link.close()
        if self.block is not None:
            self.block.close()
            self.block = None

    def _send(self, request: FramesRequest | SoundRequest) -> None:
        """Send a request, with the memory if what is there is too small."""
        if self.block is None or not self.block.fits(request.slot_bytes, request.n_slots):
            if self.block is not None:
                self.block.close()
            self.block = SharedBlock(request.slot_bytes, request.n_slots)
            request.has_memory = True
            self._link.send(request, (self.block.descriptor,))
            return
        self.block.lay_out(request.slot_bytes, request.n_slots)
        self._link.send(request)

    def _leave(self) -> None:
        """End a request before its end, once the decoder stands where the host stands."""
        if self.is_idle:
            return
        try:
            self._link.send(Enough())
            message = self._link.receive(_LEAVE_S)
            while not isinstance(message, DecoderDone | Failure):
                if isinstance(message, Piece) and message.is_last:
                    # It was complete before it heard; the word is still on its way.
                    break
                message = self._link.receive(_LEAVE_S)
            else:
                self.is_idle = True
        except VprogError:
            pass  # it stays busy, and is closed


def slots_for(slot_bytes: int, most: int) -> int:
    """How many pieces of a size are decoded ahead, and one."""
    return max(1, min(MOST_SLOTS, most, SLOTS_BYTES // max(1, slot_bytes)))


class LendChannel(Protocol):
    """Gives a channel for the length of a `with` block; turns its faults into errors of the file.

    Entering it with a failure in hand is not needed: `fail` raises what one says.
    """

    def channel(self) -> AbstractContextManager[DecoderChannel]:
        """A channel that is idle."""
        ...

    def fail(self, failure: Failure) -> Exception:
        """The error that a failure in the decoder process stands for."""
        ...


def _taken(
    process: LendChannel,
    request: FramesRequest | SoundRequest,
    hear: Callable[[FromChannel], None],
    take: Callable[[SharedBlock, Piece], _Taken],
    n_pieces: int,
) -> Iterator[_Taken]:
    """What `take` copies out of each piece of a request, as many as there must be.

    All that goes wrong does so while the channel is lent, which makes it an error of the file.
    """
    n_taken = 0
    with process.channel() as channel:
        with closing(channel.pieces(request, hear)) as pieces:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    if end.value is not None:
                        raise process.fail(end.value) from None
                    break
                assert channel.block is not None
                n_taken += 1
                yield take(channel.block, piece)
        if n_taken != n_pieces:
            raise LinkClosedError(f"it gives {n_taken} of {n_pieces} pieces.")


class ChildReader:
    """Frames of one file from its decoder process. Implements `FrameReader`."""

    def __init__(self, name: str, index: MediaIndex, process: LendChannel) -> None:
        self._name, self._process = name, process
        self._stream = picture_of(index)
        self._lock = threading.Lock()
        self._frames_decoded = 0

    @property
    def frames_decoded(self) -> int:
        """See `FrameReader.frames_decoded`; what was decoded ahead and not taken is not counted,
        nor what was decoded again for a read that fell behind."""
        return self._frames_decoded

    def read(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        report: DecodeReport | None = None,
        run: int = 0,
        in_company: bool = False,
    ) -> Iterator[DecodedFrame]:
        """See `FrameReader.read`."""
        if not len(times):
            return
        width, height = scaled_size(self._stream, max_side)
        n_bytes = width * height * 3
        told = report or SilentReport()

        def hear(message: FromChannel) -> None:
            tell(message.events, told, len(self._stream.times), self._count)

        request = FramesRequest(
            reader=self._name,
            times=[float(time) for time in times],
            max_side=max_side,
            run=run,
            in_company=in_company,
            slot_bytes=n_bytes,
            n_slots=slots_for(n_bytes, len(times)),
            has_memory=False,
        )

        def take(block: SharedBlock, piece: Piece) -> DecodedFrame:
            if piece.shape != [height, width, 3]:
                raise LinkClosedError(f"it gives a frame of {piece.shape}.")
            flat = block.slot(piece.slot, n_bytes, "u1")
            return DecodedFrame(piece.time, flat.reshape(height, width, 3).copy())

        yield from _taken(self._process, request, hear, take, len(times))

    def close(self) -> None:
        """See `FrameReader.close`: the decoders go with their process."""

    def _count(self) -> None:
        with self._lock:
            self._frames_decoded += 1


class ChildSound:
    """One sound track of a file from its decoder process. Implements `SoundSource`."""

    def __init__(self, index: MediaIndex, track: int, process: LendChannel) -> None:
        sound_of(index, track)
        self._index, self._track, self._process = index, track, process

    def read(
        self, start: float, end: float, report: SoundDamage | None = None
    ) -> NDArray[np.float32]:
        """See `SoundReader.read`."""
        check_span(self._index, start, end)
        return joined(self.blocks(start, end, report=report), sample_count(start, end))

    def blocks(
        self, start: float, end: float, *, seconds: float = 30.0, report: SoundDamage | None = None
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """See `SoundReader.blocks`."""
        if not seconds > 0:
            raise ValueError(f"seconds: must be above 0, got {seconds}.")
        total = sample_count(start, end)
        size = max(1, round(min(seconds, total / SAMPLE_RATE + 1) * SAMPLE_RATE))
        damage = report or SoundDamage()

        def hear(message: FromChannel) -> None:
            if not isinstance(message, Busy | Failure):
                damage.lost.update(message.lost)
                damage.reasons.update(_clean(reason) for reason in message.reasons)

        request = SoundRequest(
            track=self._track,
            start=start,
            end=end,
            seconds=size / SAMPLE_RATE,
            slot_bytes=4 * min(size, max(1, total)),
            n_slots=slots_for(4 * size, math.ceil(total / size)),
            has_memory=False,
        )
        first = round(start * SAMPLE_RATE)
        starts = iter(range(0, total, size))

        def take(block: SharedBlock, piece: Piece) -> tuple[float, NDArray[np.float32]]:
            at = next(starts, total)
            n_samples = min(size, total - at)
            if piece.shape != [n_samples]:
                raise LinkClosedError(f"it gives sound of {piece.shape} samples.")
            samples = block.slot(piece.slot, 4 * n_samples, "f4").copy()
            return (first + at) / SAMPLE_RATE, samples

        yield from _taken(self._process, request, hear, take, math.ceil(total / size))

    def close(self) -> None:
        """See `SoundSource.close`: the decoders go with their process."""


def _clean(text: str) -> str:
    return "".join(letter for letter in text[:200] if letter.isprintable())
