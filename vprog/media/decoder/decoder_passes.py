"""In the decoder process: the requests of one channel, one after the other.

Pieces are decoded ahead of those that were asked for, as far as there are slots and the host
has shown by taking two that it goes on. When it stops before the end, the decoder goes back to
where the host stands: what is decoded for the next request does not depend on how fast either
process was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, cast

from vprog.errors import VprogError
from vprog.media.audio import SoundDamage
from vprog.media.decoder.decoder_channel import SILENCE_S
from vprog.media.decoder.decoder_events import EventList
from vprog.media.decoder.decoder_link import DecoderLink, LinkClosedError, LinkSilentError
from vprog.media.decoder.decoder_wire import (
    Busy,
    DecoderDone,
    Enough,
    Failure,
    FramesRequest,
    FromChannel,
    IndexRequest,
    More,
    Piece,
    ReaderRequest,
    SoundRequest,
    SubtitleFileRequest,
    SubtitlesRequest,
    ToChannel,
    pack,
    pack_index,
)
from vprog.media.decoder.shared_block import SharedBlock
from vprog.media.file_readers import Decoders
from vprog.media.reader import Rewind
from vprog.media.sign_of_life import listening

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pieces = Generator[tuple[float, NDArray[Any]], None, None]

BEAT_S = SILENCE_S / 120
"""How often the host hears that packets are still being read: long before it gives up."""

_MOST_EVENTS = 2_000
"""That are told amid a step: 16 bytes each."""


class ChannelServer:
    """Serves one channel until the host closes it."""

    def __init__(self, link: DecoderLink[ToChannel], decoders: Decoders) -> None:
        self._link, self._decoders = link, decoders
        self._block: SharedBlock | None = None
        self._events = EventList()
        self._damage = SoundDamage()
        self._told: tuple[set[int], set[str]] = set(), set()
        self._last_sign = 0.0

    def serve(self) -> None:
        """Answer requests."""
        try:
            while True:
                self._answer(self._link.receive())
        except LinkClosedError:  # the host has what it wants, or is gone
            return
        finally:
            self._link.close()
            if self._block is not None:
                self._block.close()

    def _answer(self, request: ToChannel) -> None:
        self._events, self._damage, self._told = EventList(), SoundDamage(), (set(), set())
        self._last_sign = time.monotonic()
        try:
            with listening(self._beat):
                self._send(self._result(request))
        except LinkClosedError:
            raise
        except VprogError as error:
            self._fail(type(error).__name__, error.message, error.hint)
        except MemoryError:
            self._fail("MemoryError", "")
        except Exception as error:
            self._fail("", f"{type(error).__name__}: {error}"[:500])

    def _result(self, request: ToChannel) -> FromChannel:
        if isinstance(request, IndexRequest):
            return DecoderDone(pack_index(self._decoders.index()))
        if isinstance(request, SubtitlesRequest):
            return DecoderDone(pack(self._decoders.subtitles(request.track)))
        if isinstance(request, SubtitleFileRequest):
            return DecoderDone(pack(self._decoders.subtitle_file()))
        if isinstance(request, ReaderRequest):
            self._decoders.reader(request.reader)
            return DecoderDone()
        if isinstance(request, FramesRequest):
            return self._frames(request)
        if isinstance(request, SoundRequest):
            return self._sound(request)
        return Busy()  # `More` or `Enough` that crossed with the last piece

    def _frames(self, request: FramesRequest) -> FromChannel:
        reader = self._decoders.reader(request.reader)
        frames = reader.read(
            request.times,
            max_side=request.max_side,
            report=self._events,
            run=request.run,
            in_company=request.in_company,
        )
        pieces = cast("Pieces", frames)  # a decoded frame is a time and pixels

        def rewind(n_taken: int) -> None:
            """Back to the frame that the host has: the next request starts from there."""
            try:
                pieces.throw(Rewind(request.times[n_taken - 1]))
            except (StopIteration, Rewind):
                pass

        block = self._memory(request)
        return self._give(pieces, block, len(request.times), rewind)

    def _sound(self, request: SoundRequest) -> FromChannel:
        blocks = self._decoders.sound(request.track).blocks(
            request.start, request.end, seconds=request.seconds, report=self._damage
        )
        pieces = cast("Pieces", blocks)
        return self._give(pieces, self._memory(request), -1, lambda n_taken: pieces.close())

    def _give(
        self,
        pieces: Pieces,
        block: SharedBlock,
        n_pieces: int,
        rewind: Callable[[int], None],
    ) -> FromChannel:
        """Give pieces as the host asks for them, and a few ahead.

        Args:
            pieces: where they come from.
            block: where they go to.
            n_pieces: how many there will be; -1 if that is not known.
            rewind: goes back to where so many were taken, and ends `pieces`.
        """
        demand = _Demand(self._link)
        n_given = 0
        try:
            for moment, values in pieces:
                slot = n_given % block.n_slots
                flat = values.reshape(-1)
                block.slot(slot, flat.nbytes, flat.dtype)[:] = flat
                n_given += 1
                is_end = n_given == n_pieces
                is_last = is_end and demand.n_asked == n_given
                if is_last:
                    next(pieces, None)  # the reader takes its cursor back
                lost, reasons = self._news()
                shape = list(values.shape)
                events = self._events.take()
                piece = Piece(slot, moment, shape, events, lost, reasons, is_last)
                if is_last:
                    return piece
                self._send(piece)
                if not demand.goes_on(n_given, 0 if is_end else block.n_slots - 1):
                    break
        except LinkClosedError as error:
            _end(pieces, error)
            raise
        if demand.has_ended and demand.n_asked < n_given:
            rewind(demand.n_asked)
        pieces.close()
        lost, reasons = self._news()
        return DecoderDone(b"", self._events.take(), lost, reasons)

    def _news(self) -> tuple[list[int], list[str]]:
        """The damage of sound that the host has not heard of."""
        lost = self._damage.lost - self._told[0]
        reasons = self._damage.reasons - self._told[1]
        self._told[0].update(lost)
        self._told[1].update(reasons)
        return sorted(lost), sorted(reasons)

    def _memory(self, request: FramesRequest | SoundRequest) -> SharedBlock:
        """The memory that came with the request, or that of the one before, in its slots."""
        if request.has_memory or self._block is None:
            if self._block is not None:
                self._block.close()
            descriptor = self._link.descriptors.popleft()
            self._block = SharedBlock(request.slot_bytes, request.n_slots, descriptor)
        self._block.lay_out(request.slot_bytes, request.n_slots)
        return self._block

    def _beat(self) -> None:
        # Others may wait for this step: it does not wait for a host that has enough to read.
        if time.monotonic() - self._last_sign > BEAT_S and self._link.has_room:
            self._send(Busy(self._events.take(_MOST_EVENTS)))

    def _fail(self, kind: str, message: str, hint: str = "") -> None:
        self._send(Failure(kind, message, hint, self._events.take()))

    def _send(self, message: FromChannel) -> None:
        self._link.send(message)
        self._last_sign = time.monotonic()


class _Demand:
    """How many pieces the host asked for."""

    def __init__(self, link: DecoderLink[ToChannel]) -> None:
        self._link = link
        self.n_asked = 1
        self.has_ended = False

    def goes_on(self, n_given: int, most_ahead: int) -> bool:
        """Wait until one more piece may be made; False when no more are wanted.

        Args:
            n_given: how many were made.
            most_ahead: how many may be made before they are asked for: a slot is written again
                only after the host asked for the piece behind it, and the last piece ends
                nothing before the host has taken all.
        """
        while not self.has_ended:
            ahead = min(most_ahead, self.n_asked - 1)
            may_go_on = n_given < self.n_asked + ahead
            try:
                message = self._link.receive(0 if may_go_on else None)
            except LinkSilentError:
                return True
            if isinstance(message, More):
                self.n_asked += 1
            elif isinstance(message, Enough):
                self.has_ended = True
        return False


def _end(pieces: Pieces, error: Exception) -> None:
    """Have the reader close the decoder that it used: it may stand amid a frame."""
    try:
        pieces.throw(error)
    except (StopIteration, LinkClosedError):
        pass
