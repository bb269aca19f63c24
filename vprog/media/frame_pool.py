"""What all who read a file share of it: the frames decoded last, what is known to be damaged.

Whoever decodes puts each frame here, and whoever wants one that lies here decodes nothing: several
passes over a file cost one. The pool is bounded. What nobody wants goes first; before a frame goes
that somebody behind still wants, whoever decodes waits a little for that one; who is slow is left
behind and decodes for itself. Where a file is damaged nothing is shared: each read meets the
damage as if it were alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vprog.media.decode_order import DecodeOrder
from vprog.media.index import MediaIndex, VideoStream
from vprog.media.pulse import beat
from vprog.media.reader import DecodeReport

if TYPE_CHECKING:
    from av.filter import Graph
    from av.video.frame import VideoFrame

POOL_BYTES = 96 * 2**20
"""Decoded frames that are kept of a file: 70 in 720p, 31 in 1080p. Small clips fit whole."""

LONE_BYTES = 40 * 2**20
"""What is kept of them while one read is alone, for those that come later: half a minute at 10
pictures a second in 320 x 240."""

LEAST_ROOM = 24
"""Where fewer frames have room, reads that are together would part again at once, and each time
decode a group anew: they do not join."""

SLOW_S = 0.25
"""Whoever takes nothing for so long is not waited for: a hundred frames could have been decoded."""

FREE_WAIT_S = 0.5
"""A read may wait for others so long in all, and beyond that as long as what it wanted took to be
decoded: it is held up at most as much as if it had decoded that again."""

_LOOK_S = 0.005


class Taker:
    """One read under way: where it stands, and what it wants next.

    Args:
        report: is told what is decoded, shown and lost for it.
        numbers: the frames that it will ask for.
        n_frames: how many the file has.

    Attributes:
        at: the frame it stands at; -1 before the first.
        wants: (n_frames,), the frames that it will still ask for; none once it was left behind.
        asks: the frame it asked for last, or will ask for first.
        last: the last frame, in the file's order, that it will ask for.
        is_slow: whether others wait for it no more.
        moved: when it was given a frame last.
        frame: that frame.
        may_wait_s: how long it may wait for others in all.
        waited_s: how long it has.
    """

    def __init__(self, report: DecodeReport, numbers: Sequence[int], n_frames: int) -> None:
        import numpy as np

        self.report = report
        self.at = -1
        self.wants = np.zeros(n_frames, dtype=np.bool_)
        self.wants[list(numbers)] = True
        self.asks = numbers[0] if numbers else -1
        self.last = max(numbers, default=-1)
        self.is_slow = False
        self.moved = time.monotonic()
        self.frame: VideoFrame | None = None
        self.may_wait_s = FREE_WAIT_S
        self.waited_s = 0.0


class FramePool:
    """The frames of one file that were decoded last. May be used from several threads.

    Args:
        index: of the file.
        stream: its picture.
        most_bytes: what the frames may take; one is always kept.
    """

    def __init__(
        self, index: MediaIndex, stream: VideoStream, most_bytes: int = POOL_BYTES
    ) -> None:
        import numpy as np

        self.changed = threading.Condition()
        """Of all here and of the cursors; notified when a frame comes or a taker moves."""
        self.order = DecodeOrder(index, stream)
        self._takers: set[Taker] = set()
        self._n_wanting = np.zeros(len(stream.times), dtype=np.uint16)
        self.frames_decoded = 0
        self._most_bytes = most_bytes
        self._bytes = 0
        self._frames: dict[int, tuple[VideoFrame, int, Taker | None]] = {}
        """By number, the oldest first: a frame, its bytes, and who had it decoded."""
        self._whole = np.zeros(len(stream.times), dtype=np.bool_)
        """The frames that came out of the decoder, undamaged, right behind the one before."""
        self._damaged: set[int] = set()
        self._copier = FrameCopier()

    def put(
        self,
        frame: VideoFrame,
        number: int,
        *,
        follows: bool,
        is_damaged: bool,
        taker: Taker | None,
    ) -> None:
        """A frame came out of a decoder.

        Args:
            frame: it, not to be written to.
            number: which it is.
            follows: whether it is the keyframe jumped to, or the next behind the last one.
            is_damaged: whether the decoder says so.
            taker: who had it decoded.
        """
        with self.changed:
            self.frames_decoded += 1
            if is_damaged:
                self._damaged.add(number)
            if not follows or is_damaged:
                return
            self._whole[number] = True
            # A frame on the way to the one that the only read wants is nobody's.
            is_kept = len(self._takers) > 1 or self._n_wanting[number]
            if not is_kept or number in self._frames:
                return
            n_bytes = sum(plane.buffer_size for plane in frame.planes)
            most = self._most_bytes
            if len(self._takers) < 2:
                most = min(most, LONE_BYTES)
            while self._frames and self._bytes + n_bytes > most:
                self._make_room(taker)
            self._frames[number] = (self._copier.copy(frame), n_bytes, taker)
            self._bytes += n_bytes
            self.changed.notify_all()

    def met_damage(self, number: int) -> None:
        """What belongs to a frame does not decode."""
        with self.changed:
            self._damaged.add(number)

    def damage_between(self, first: int, last: int) -> list[int]:
        """The damaged frames from one to another, both counted in."""
        if not self._damaged:
            return []
        with self.changed:
            return [number for number in self._damaged if first <= number <= last]

    def take(self, taker: Taker, number: int) -> VideoFrame | None:
        """A frame that lies here, with what leads to it told; None if it is to be decoded.

        To be called holding `changed`.
        """
        if number == taker.at and taker.frame is not None:
            return taker.frame
        known = self._frames.get(number)
        if known is None or not self.passes(taker, self.order.way(taker.at, number)):
            return None
        taker.report.shown(number)
        return known[0]

    def passes(self, taker: Taker, way: range) -> bool:
        """Tell a taker of frames that others decoded as if it had; not if any may be damaged.

        To be called holding `changed`.
        """
        if self._damaged or not self._whole[way.start : way.stop].all():
            return False
        for passed in way:  # counted for who decoded them
            taker.report.shown(passed)
        return True

    def begin(self, taker: Taker) -> None:
        """Somebody will ask for frames; to be called holding `changed`."""
        import numpy as np

        self._takers.add(taker)
        self._n_wanting[np.flatnonzero(taker.wants)] += 1

    def end(self, taker: Taker) -> None:
        """Somebody will ask for no more; to be called holding `changed`."""
        self._takers.discard(taker)
        self._leave(taker)

    def decoded_for(self, number: int, seconds: float) -> None:
        """It took so long to decode up to a frame; to be called holding `changed`."""
        for taker in self._takers:
            if taker.at <= number:
                taker.may_wait_s += seconds

    def lets_catch_up(self, taker: Taker) -> bool:
        """Wait a moment for reads that come the same way, too far behind to be fed from here.

        To be called holding `changed`, before something is decoded for a taker; False where there
        is nobody to wait for.
        """
        if len(self._takers) < 2 or not self.room or self._damaged or taker.asks <= taker.at:
            return False
        behind = [
            other
            for other in self._takers
            if self.room < taker.at - other.asks < other.last - taker.at and not other.is_slow
        ]
        if self._waits(taker, behind):
            return True
        for other in behind:
            other.is_slow = True
        return False

    def moved(self, taker: Taker, number: int, at: int, frame: VideoFrame) -> None:
        """A taker asked for a frame and was given one; to be called holding `changed`.

        Args:
            taker: who asked.
            number: for which frame.
            at: which frame it was given.
            frame: that frame.
        """
        if taker.wants[number]:
            taker.wants[number] = False
            self._n_wanting[number] -= 1
        taker.at, taker.frame, taker.moved = at, frame, time.monotonic()
        self.changed.notify_all()

    def forget_after(self, number: int, taker: Taker) -> None:
        """Drop what a taker had decoded behind a frame and never took."""
        with self.changed:
            for later in [
                later
                for later, (_, _, whose) in self._frames.items()
                if later > number and whose is taker
            ]:
                self._drop(later)

    def clear(self) -> None:
        """Let all frames go."""
        with self.changed:
            self._frames.clear()
            self._bytes = 0

    @property
    def room(self) -> int:
        """So many frames reads may lie apart and be fed by one decoder."""
        n_frames = len(self._frames) * self._most_bytes // max(1, self._bytes)
        return n_frames // 2 if n_frames >= LEAST_ROOM else 0

    def _drop(self, number: int) -> None:
        self._bytes -= self._frames.pop(number)[1]

    def _leave(self, taker: Taker) -> None:
        """Keep nothing for a taker any more."""
        import numpy as np

        left = np.flatnonzero(taker.wants)
        self._n_wanting[left] -= 1
        taker.wants[left] = False
        taker.is_slow = True
        self.changed.notify_all()

    def _make_room(self, taker: Taker | None) -> None:
        """Drop a frame, or wait a moment until one may be dropped."""
        unwanted = next((number for number in self._frames if not self._n_wanting[number]), None)
        if unwanted is not None:
            self._drop(unwanted)
            return
        oldest = next(iter(self._frames))
        behind = [other for other in self._takers if other is not taker and other.wants[oldest]]
        if taker is not None and self._waits(taker, behind):
            return
        for other in behind:
            self._leave(other)
        self._drop(oldest)

    def _waits(self, taker: Taker, behind: list[Taker]) -> bool:
        """Wait a moment for others, if one of them moves and the taker has time."""
        now = time.monotonic()
        if taker.waited_s >= taker.may_wait_s or not any(
            now - other.moved < SLOW_S and not other.is_slow for other in behind
        ):
            return False
        beat()
        self.changed.wait(_LOOK_S)
        taker.waited_s += time.monotonic() - now
        return True


class FrameCopier:
    """Copies frames with all that conversion to RGB looks at. Used by one thread at a time.

    A decoder writes into the buffers of the frames that nobody holds any more, and where a packet
    is lost it leaves what stands there: holding its frames would change what comes out of a
    damaged file.
    """

    def __init__(self) -> None:
        self._kind: tuple[object, ...] = ()
        self._graph: Graph | None = None

    def copy(self, frame: VideoFrame) -> VideoFrame:
        """The same picture in memory of its own."""
        kind = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if self._graph is None or kind != self._kind:
            self._graph, self._kind = _copying(frame), kind
        self._graph.vpush(frame)
        return self._graph.vpull()


def _copying(frame: VideoFrame) -> Graph:
    from fractions import Fraction

    from av.filter import Graph

    graph = Graph()
    # Times are not looked at here, but a source of frames must have a unit of them.
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    copy, sink = graph.add("copy"), graph.add("buffersink")
    source.link_to(copy)
    copy.link_to(sink)
    graph.configure()
    return graph
