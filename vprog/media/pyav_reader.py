"""The frame reader over PyAV: lends out a few cursors, the cheapest one for each request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from vprog.errors import VideoUnreadableError
from vprog.media.index import MediaIndex
from vprog.media.pyav_cursor import NEAR_FRAMES, Cursor, Damage
from vprog.media.reader import (
    DecodedFrame,
    DecodeReport,
    Rewind,
    SilentReport,
    picture_of,
    scaled_size,
)
from vprog.media.shared_decoders import SharedDecoders

MAX_IDLE_CURSORS = 2
"""How many idle cursors a run has: two passes side by side do not throw each other back."""

MOST_IDLE_CURSORS = 4
"""How many idle cursors stay open for all runs: those that were used last."""

LEAST_SHARED = 8
"""A read of fewer frames shares nothing: it is over before another comes."""


class PyavReader:
    """Frames of one file by PyAV. Implements `FrameReader`."""

    def __init__(
        self, index: MediaIndex, *, most_idle: int = MOST_IDLE_CURSORS,
        make_room: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Take the picture of a file.

        Args:
            index: of it.
            most_idle: how many idle cursors stay open.
            make_room: called before the file is opened once more.
        """
        self._index = index
        self._stream = picture_of(index)
        self._decoders = SharedDecoders(index, make_room)
        self._most_idle, self._most_of_run = most_idle, min(MAX_IDLE_CURSORS, most_idle)
        self._damage: dict[int, Damage] = {}
        self._idle: list[Cursor] = []
        self._lock = threading.RLock()  # a pass that is forgotten ends anywhere, here too
        self._is_closed = False

    @property
    def frames_decoded(self) -> int:
        """See `FrameReader.frames_decoded`."""
        return self._decoders.frames_decoded

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
        size = scaled_size(self._stream, max_side)
        cursor = self._lend(self._stream.at(float(times[0])), run)
        is_shared = in_company and len(times) >= LEAST_SHARED
        cursor.begin(report or SilentReport(), is_shared=is_shared)
        last: DecodedFrame | None = None
        last_number = -1
        try:
            for time in times:
                number, frame = cursor.show(self._stream.at(float(time)))
                if last is not None and number == last_number:
                    last = DecodedFrame(last.time, last.pixels.copy())
                else:
                    shown = float(self._stream.times[number])
                    last, last_number = DecodedFrame(shown, cursor.pixels(frame, size)), number
                del frame  # a decoder with a frame in use writes the next ones elsewhere
                yield last
        except GeneratorExit:  # the caller left between two frames
            self._take_back(cursor)
            raise
        except Rewind as wish:
            cursor.go_alone()
            try:
                cursor.go_to(self._stream.at(wish.time))
            except BaseException:
                cursor.close()
                raise
        except BaseException:  # amid a frame: another run would get wrong frames from this cursor
            cursor.close()
            raise
        self._take_back(cursor)

    def close(self) -> None:
        """Close the file; a pass that is under way closes its own cursor when it ends."""
        with self._lock:
            self._is_closed = True
        self.rest()

    def rest(self) -> None:
        """Let the decoders go that nobody uses now; who comes next opens the file anew."""
        with self._lock:
            idle, self._idle = self._idle, []
        for cursor in idle:
            cursor.close()

    def _lend(self, number: int, run: int) -> Cursor:
        """The run's idle cursor nearest to a frame; a new one while few are idle and none is near.

        One that stands after the frame is not near, however early the frame: another pass may
        be about to go on from there.
        """
        with self._lock:
            if self._is_closed:
                raise VideoUnreadableError(
                    f'"{self._index.path.name}" was closed.', hint="Open it again."
                )
            idle = [cursor for cursor in self._idle if cursor.run == run]
            if idle:
                best = min(idle, key=lambda cursor: cursor.cost(number))
                is_near = 0 <= number - best.at <= NEAR_FRAMES
                if is_near or len(idle) >= self._most_of_run:
                    self._idle.remove(best)
                    return best
            damage = self._damage.setdefault(run, Damage())
        return Cursor(self._index, self._decoders, damage, run)

    def _take_back(self, cursor: Cursor) -> None:
        cursor.go_alone()
        with self._lock:
            idle = [other for other in self._idle if other.run == cursor.run]
            if self._is_closed or len(idle) >= self._most_of_run:
                closed = [cursor]
            else:
                self._idle.append(cursor)
                closed = self._idle[: -self._most_idle]
                self._idle = self._idle[-self._most_idle :]
        for cursor in closed:
            cursor.close()
