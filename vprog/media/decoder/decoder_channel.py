"""The host's end of one channel to a decoder process: one request after the other."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Generator

from vprog.errors import VprogError
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
