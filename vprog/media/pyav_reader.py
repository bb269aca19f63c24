"""The frame reader over PyAV: several reads of a file share what is decoded of it.

A read asks the pool first (frame_pool.py). What does not lie there is decoded by a cursor that is
borrowed for this one frame: the one the read used last, or another that stands just before it. So
reads that go the same way are fed by one cursor, whoever of them moves it; who goes another way
has a cursor of his own.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from vprog.errors import VideoUnreadableError
from vprog.media.decode_order import JUMP_FRAMES
from vprog.media.frame_pool import POOL_BYTES, FramePool, Taker
from vprog.media.index import MediaIndex
from vprog.media.pulse import beat
from vprog.media.pyav_cursor import Cursor
from vprog.media.reader import (
    DecodedFrame,
    DecodeReport,
    Rewind,
    SilentReport,
    picture_of,
    scaled_size,
)
from vprog.media.rotation import turn

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

MAX_IDLE_CURSORS = 2
"""How many idle cursors stay open: two passes side by side do not throw each other back."""

_NEAR = 4 * JUMP_FRAMES
"""A cursor so many frames away is moved; farther, another is opened beside it."""

_WAIT_S = 0.1
"""While somebody else decodes what one waits for, one gives a sign of life so often."""

_AT_REST = range(0)
"""Of a cursor that nobody moves, in place of the frames that it is to decode."""

_MOST_UNDONE = 16
"""So many frames a read may be decoded ahead of whoever takes them: twice `MOST_SLOTS` of a
decoder process."""


class _Move(NamedTuple):
    """For which frame a cursor was moved, and where it stood before; -1 for nowhere."""

    number: int
    cursor: Cursor
    stood: int


class PyavReader:
    """Frames of one file by PyAV. Implements `FrameReader`.

    Args:
        index: of the file.
        pool_bytes: what the decoded frames that are kept may take.
    """

    def __init__(self, index: MediaIndex, pool_bytes: int = POOL_BYTES) -> None:
        self._index = index
        self._stream = picture_of(index)
        self._pool = FramePool(index, self._stream, pool_bytes)
        self._order = self._pool.order
        self._cursors: dict[Cursor, range] = {}
        self._homes: dict[Taker, Cursor] = {}
        """The cursor that each read used last; it stays open for that one."""
        self._moves: dict[Taker, deque[_Move]] = {}
        """The cursors that each read moved last."""
        self._formatters: list[VideoReformatter] = []
        self._is_closed = False

    @property
    def frames_decoded(self) -> int:
        """See `FrameReader.frames_decoded`."""
        return self._pool.frames_decoded

    def read(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        report: DecodeReport | None = None,
    ) -> Iterator[DecodedFrame]:
        """See `FrameReader.read`."""
        if not len(times):
            return
        size = scaled_size(self._stream, max_side)
        numbers = [self._stream.at(float(time)) for time in times]
        taker = Taker(report or SilentReport(), numbers, len(self._stream.times))
        formatter = self._begin(taker)
        last: DecodedFrame | None = None
        last_number = -1
        try:
            for wanted in numbers:
                number, frame = self._show(taker, wanted)
                if last is not None and number == last_number:
                    last = DecodedFrame(last.time, last.pixels.copy())
                else:
                    shown = float(self._stream.times[number])
                    last_number = number
                    last = DecodedFrame(shown, self._pixels(formatter, frame, size))
                yield last
        except Rewind as wish:
            self._rewind(taker, self._stream.at(wish.time))
        finally:
            self._end(taker, formatter)

    def close(self) -> None:
        """Close the file; a read that is under way closes its own cursor when it ends."""
        with self._pool.changed:
            self._is_closed = True
            self._pool.clear()
            unused = self._unused()
        _close(unused)

    def _begin(self, taker: Taker) -> VideoReformatter:
        from av.video.reformatter import VideoReformatter

        with self._pool.changed:
            if self._is_closed:
                raise VideoUnreadableError(
                    f'"{self._index.path.name}" was closed.', hint="Open it again."
                )
            self._pool.begin(taker)
            self._moves[taker] = deque(maxlen=_MOST_UNDONE)
            return self._formatters.pop() if self._formatters else VideoReformatter()

    def _end(self, taker: Taker, formatter: VideoReformatter) -> None:
        with self._pool.changed:
            self._pool.end(taker)
            self._homes.pop(taker, None)
            del self._moves[taker]
            if len(self._formatters) < MAX_IDLE_CURSORS:
                self._formatters.append(formatter)
            unused = self._unused()
            self._pool.changed.notify_all()
        _close(unused)

    def _unused(self) -> list[Cursor]:
        """Take out the idle cursors beyond those that are kept, to be closed."""
        idle = [cursor for cursor in self._cursors if self._is_free(cursor)]
        unused = idle if self._is_closed else idle[:-MAX_IDLE_CURSORS]
        for cursor in unused:
            del self._cursors[cursor]
        return unused

    def _come_to_rest(self, cursor: Cursor) -> None:
        """Nobody moves a cursor any more; it stands last, as the one used last."""
        del self._cursors[cursor]
        self._cursors[cursor] = _AT_REST

    def _is_free(self, cursor: Cursor, taker: Taker | None = None) -> bool:
        """Whether nobody moves it, and no read but that one stands there."""
        return not self._cursors[cursor] and not any(
            home is cursor for other, home in self._homes.items() if other is not taker
        )

    def _show(self, taker: Taker, number: int) -> tuple[int, VideoFrame]:
        """The frame on display, for a taker: from the pool, or decoded."""
        changed = self._pool.changed
        taker.asks = number
        while True:
            with changed:
                frame = self._pool.take(taker, number)
                if frame is not None:
                    self._pool.moved(taker, number, number, frame)
                    return number, frame
                if self._comes(taker, number):
                    changed.wait(_WAIT_S)
                elif not self._pool.lets_catch_up(taker):
                    cursor = self._lend(taker, number)
                    break
            beat()
        taker.frame = None  # the decoder may have its memory
        began = time.monotonic() - taker.waited_s
        try:
            if not self._order.jumps(taker.at, number) and cursor.at != taker.at >= 0:
                cursor.show(taker.at, taker)  # damage may look else behind a jump
            shown, frame = cursor.show(number, taker)
        except BaseException:  # amid a frame: another read would get wrong frames from this cursor
            self._drop(cursor)
            raise
        with changed:
            self._come_to_rest(cursor)
            self._pool.moved(taker, number, shown, frame)
            self._pool.decoded_for(shown, time.monotonic() - taker.waited_s - began)
        return shown, frame

    def _comes(self, taker: Taker, number: int) -> bool:
        """Whether a cursor is under way that will be at a frame as soon as the taker's own."""
        under_way = [
            number - max(cursor.at, way.start - 1)
            for cursor, way in self._cursors.items()
            if way and max(cursor.at, way.start - 1) < number < way.stop + _NEAR
        ]
        if not under_way:
            return False
        free = [cursor for cursor in self._cursors if self._is_free(cursor, taker)]
        own = min(
            (self._cost(cursor.at, number) for cursor in free), default=self._cost(-1, number)
        )
        return min(under_way) <= max(_NEAR, own)

    def _lend(self, taker: Taker, number: int) -> Cursor:
        """The cursor that is to decode a frame for a taker."""
        with self._pool.changed:
            cursor = self._homes.get(taker)
            if cursor is None or len(self._cursors) > 1 or not self._is_free(cursor, taker):
                cursor = self._near(taker, number) or self._own(taker, number)
            if cursor is None:
                cursor = Cursor(self._index, self._pool)
            self._cursors[cursor] = self._order.way(cursor.at, number)
            if not self._cursors[cursor]:
                self._cursors[cursor] = range(number, number + 1)
            self._homes[taker] = cursor
            self._moves[taker].append(_Move(number, cursor, cursor.at))
            unused = self._unused()
        _close(unused)
        return cursor

    def _near(self, taker: Taker, number: int) -> Cursor | None:
        """A cursor just before a frame, whoever used it last; what it passed is told."""
        start = self._order.way(taker.at, number).start
        room = self._pool.room
        at_rest = [cursor for cursor, way in self._cursors.items() if not way]
        for cursor in sorted(at_rest, key=lambda cursor: number - cursor.at):
            distance = number - cursor.at
            if distance < 0 or self._order.jumps(cursor.at, number):
                continue
            is_free = self._is_free(cursor, taker)
            if distance > _NEAR or not (is_free or distance < room):
                continue
            is_first = is_free and taker.at < 0  # it begins where the read before it ended
            if is_first:
                return cursor
            if self._pool.passes(taker, range(start, cursor.at + 1)):
                taker.at = max(taker.at, cursor.at)
                return cursor
        return None

    def _own(self, taker: Taker, number: int) -> Cursor | None:
        """The taker's own cursor, or one of those that nobody uses; None if one is to be opened."""
        home = self._homes.get(taker)
        if home is not None and home in self._cursors and self._is_free(home, taker):
            return home
        free = [cursor for cursor in self._cursors if self._is_free(cursor)]
        if not free:
            return None
        best = min(free, key=lambda cursor: self._cost(cursor.at, number))
        # One that stands after the frame is not near, however early that is: another read may be
        # about to go on from there.
        is_near = 0 <= number - best.at <= _NEAR
        return best if is_near or len(free) >= MAX_IDLE_CURSORS else None

    def _cost(self, at: int, number: int) -> int:
        """How many frames must be decoded to come from one to another, a jump counted in."""
        way = self._order.way(at, number)
        return len(way) + (JUMP_FRAMES if self._order.jumps(at, number) else 0)

    def _rewind(self, taker: Taker, number: int) -> None:
        """Undo what was decoded behind a frame: nobody has heard of it."""
        with self._pool.changed:
            undone = [move for move in self._moves[taker] if move.number > number]
            self._pool.forget_after(number, taker)
            if not undone:
                return
            cursor, stood = undone[0].cursor, undone[0].stood
            if cursor not in self._cursors or not self._is_free(cursor, taker):
                return
            self._cursors[cursor] = range(stood, stood + 1)
        if stood < 0:
            self._drop(cursor)
            return
        try:
            cursor.show(stood, None)
        except BaseException:
            self._drop(cursor)
            raise
        with self._pool.changed:
            self._come_to_rest(cursor)
            self._pool.changed.notify_all()

    def _drop(self, cursor: Cursor) -> None:
        with self._pool.changed:
            del self._cursors[cursor]
            for taker in [taker for taker, home in self._homes.items() if home is cursor]:
                del self._homes[taker]
            self._pool.changed.notify_all()
        cursor.close()

    def _pixels(
        self, formatter: VideoReformatter, frame: VideoFrame, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """A frame as RGB, uint8, (H, W, 3), scaled to (width, height) and turned for display."""
        from av.video.reformatter import Interpolation

        stream = self._stream
        width, height = size if stream.rotation in (0, 180) else size[::-1]
        is_smaller = (width, height) != (frame.width, frame.height)
        scaled = formatter.reformat(
            frame,
            width,
            height,
            "rgb24",
            interpolation=Interpolation.AREA if is_smaller else Interpolation.BILINEAR,
        )
        pixels = cast("NDArray[np.uint8]", scaled.to_ndarray())
        if scaled is frame:  # the pool's own
            pixels = pixels.copy()
        return turn(pixels, stream.rotation, stream.mirrored)


def _close(cursors: list[Cursor]) -> None:
    for cursor in cursors:
        cursor.close()
