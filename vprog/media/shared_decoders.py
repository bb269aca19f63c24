"""The decoders of one file, for all passes over it: those that go the same way share one.

What a decoder gives hangs on its steps alone (pyav_source.py). So a pass is a place to stand and
the next step, whoever's decoder makes it: passes that take the same steps are given copies of the
same frames, and only the first of them decodes. What was given last is kept, within bounds. Who
is ahead waits a little for those behind; who falls behind further goes on with a decoder of its
own that takes the same steps: what it is given is what it would have been given alone.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from vprog.media.index import MediaIndex
from vprog.media.pyav_source import (
    START,
    FrameCopier,
    FrameSource,
    Move,
    SourceFrame,
    Standing,
    Way,
    steps_to,
)
from vprog.media.sign_of_life import beat, heard_by, listening

SHARED_BYTES = 64 * 2**20
"""What is kept of a file's decoded frames: 46 in HD, the lead of one pass over another."""

PATIENCE_S = 0.5
"""How long a pass that does not move is waited for."""

_MOST_PATIENCE_S = 2.0
"""How long one is waited for in one go: whoever waits does not hear that its reader has gone."""

_LOOK_S = 0.05
"""How often one who waits looks whether the other still moves."""


def _nothing() -> None:
    pass


class FrameTaker:
    """What one pass has of it: where it stands.

    Attributes:
        source: its own decoder, while it does not share.
        is_shared: whether it gives what it has decoded, and takes what others have.
    """

    def __init__(self) -> None:
        self.standing = START
        self.source: FrameSource | None = None
        self.is_shared = False
        self.moved_at = 0.0
        self.patience_s = 0.0
        """How long it will yet wait for others: no longer than it worked itself."""

    def comes_to(self, standing: Standing) -> bool:
        """Whether it stands at a place or before it."""
        way, n_given = self.standing
        return way is standing.way and n_given <= standing.n_given


class _Work:
    """A step that is being made."""

    def __init__(self) -> None:
        self.n_packets = 0
        self.began = 0.0


class SharedDecoders:
    """Makes steps for the passes over one file, from any thread."""

    def __init__(self, index: MediaIndex, make_room: Callable[[], None] = _nothing) -> None:
        """Take a file.

        Args:
            index: of it.
            make_room: called before it is opened once more.
        """
        self.frames_decoded = 0
        self._index, self._make_room = index, make_room
        self._counting = threading.Lock()
        self._lock = threading.RLock()  # a pass that is forgotten ends anywhere, here too
        self._changed = threading.Condition(self._lock)
        self._takers: list[FrameTaker] = []
        """Those that share."""
        self._sources: list[tuple[Standing, FrameSource]] = []
        """Their decoders, but for those that make a step just now, and where they stand."""
        self._ways: WeakValueDictionary[Move, Way] = WeakValueDictionary()
        self._kept: OrderedDict[Move, SourceFrame] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[Move, _Work] = {}
        self._copier = FrameCopier()
        self._copying = threading.Lock()

    def share(self, taker: FrameTaker) -> None:
        """Have a taker share from now on, with its decoder."""
        with self._lock:
            taker.is_shared, taker.moved_at = True, time.monotonic()
            taker.patience_s = PATIENCE_S
            self._takers.append(taker)
            if taker.source is not None:
                self._sources.append((taker.standing, taker.source))
                taker.source = None

    def go_alone(self, taker: FrameTaker) -> None:
        """Have a taker share no longer; it takes along the decoder that no other needs."""
        if taker.source is not None:
            return
        with self._lock:
            self._leave(taker)
            if not self._is_needed(taker.standing):
                taker.source = self._source_at(taker.standing)
            idle = [place for place in self._sources if not self._is_needed(place[0])]
            for place in idle:
                self._sources.remove(place)
        for _, source in idle:
            source.close()

    def start_over(self, taker: FrameTaker) -> None:
        """Stand before the first frame again, with the file opened anew."""
        taker.standing = START
        source, taker.source = taker.source, None
        if source is not None:
            source.close()

    def step(self, taker: FrameTaker, target: int | None) -> tuple[SourceFrame, bool]:
        """The next frame from where a taker stands; or, with a target, where that jump leads.

        Returns:
            It, and whether another taker had it decoded.

        Raises:
            VideoUnreadableError: the file cannot be opened any more.
        """
        move = taker.standing, target
        if taker.is_shared:
            shared = self._shared_step(taker, move)
            if shared is not None:
                return shared
        source, taker.source = taker.source, None
        if source is None:
            with self._lock:
                kept = self._kept.get(move)
                if kept is not None:
                    taker.standing = self._after(move)
                    return kept, True
                if not self._is_needed(taker.standing):
                    source = self._source_at(taker.standing)
        frame, taker.source = self._made(move, source)
        taker.standing = self._after(move)
        return frame, False

    def _shared_step(self, taker: FrameTaker, move: Move) -> tuple[SourceFrame, bool] | None:
        """A step of a taker that shares; None when it does so no more."""
        work = _Work()
        try:  # from before others can wait for it: nothing that ends it leaves them waiting
            given, source = self._awaited(taker, move, work)
            if given is not None or self._under_way.get(move) is not work:
                return None if given is None else (given, True)
            with self._deferring(taker, work):
                return self._given(taker, move, *self._made(move, source)), False
        finally:
            with self._lock:
                if self._under_way.get(move) is work:
                    del self._under_way[move]
                    worked_s = time.monotonic() - work.began
                    taker.patience_s = min(_MOST_PATIENCE_S, taker.patience_s + worked_s)
                    self._changed.notify_all()

    def _awaited(
        self, taker: FrameTaker, move: Move, work: _Work
    ) -> tuple[SourceFrame | None, FrameSource | None]:
        """Wait until a step was made by another, or is this taker's to make: then it is under way.

        Returns:
            What the other has made; or the decoder that stands there, if there is one.
        """
        seen: tuple[_Work | None, int] = None, 0
        while True:
            with self._lock:
                if not taker.is_shared:
                    return None, None
                kept = self._kept.get(move)
                if kept is not None:
                    self._moved(taker, move)
                    return kept, None
                other = self._under_way.get(move)
                if other is None and not self._waits(taker):
                    work.began = time.monotonic()
                    self._under_way[move] = work
                    return None, self._source_at(taker.standing)
                began = time.monotonic()
                self._changed.wait(_LOOK_S)
                if other is None:
                    taker.patience_s -= time.monotonic() - began
            now = other, other.n_packets if other is not None else 0
            if other is None or now != seen:  # what hangs gives no sign of life
                seen = now
                beat()

    def _made(self, move: Move, source: FrameSource | None) -> tuple[SourceFrame, FrameSource]:
        """Make a step with a decoder that stands there; without one, with one that comes there."""
        standing, target = move
        if source is None:
            self._make_room()
            source = FrameSource(self._index)
            way = steps_to(standing)
        else:
            way = []
        try:
            for jump, n_frames in way:
                if jump >= 0:
                    source.step(jump)
                for _ in range(n_frames):
                    self._count(source.step(None))
            frame = source.step(target)
        except BaseException:
            source.close()
            raise
        self._count(frame)
        return frame, source

    def _given(
        self, taker: FrameTaker, move: Move, frame: SourceFrame, source: FrameSource
    ) -> SourceFrame:
        """Keep what a taker had made, if others come to it or may yet; give it."""
        try:
            with self._lock:
                is_kept = self._kept_bytes < SHARED_BYTES or self._is_followed(taker, move[0])
            if is_kept and frame.picture is not None:
                with self._copying:
                    frame = frame._replace(picture=self._copier.copy(frame.picture))
        except BaseException:
            source.close()
            raise
        with self._lock:
            self._moved(taker, move)
            self._sources.append((taker.standing, source))
            if is_kept:
                self._keep(taker, move, frame)
        return frame

    def _count(self, frame: SourceFrame) -> None:
        if frame.picture is not None:
            with self._counting:
                self.frames_decoded += 1

    def _moved(self, taker: FrameTaker, move: Move) -> None:
        taker.standing = self._after(move)
        taker.moved_at = time.monotonic()
        self._changed.notify_all()

    def _leave(self, taker: FrameTaker) -> None:
        taker.is_shared = False
        if taker in self._takers:
            self._takers.remove(taker)
        self._changed.notify_all()

    def _after(self, move: Move) -> Standing:
        standing, target = move
        if target is None:
            return Standing(standing.way, standing.n_given + 1)
        way = self._ways.get(move)
        if way is None:
            way = self._ways[move] = Way(standing, target)
        return Standing(way, 0)

    def _source_at(self, standing: Standing) -> FrameSource | None:
        """A decoder that stands there, to be used."""
        for place in self._sources:
            if place[0] == standing:
                self._sources.remove(place)
                return place[1]
        return None

    def _is_needed(self, standing: Standing) -> bool:
        """Whether a taker that shares comes to a place."""
        return any(taker.comes_to(standing) for taker in self._takers)

    def _waits(self, taker: FrameTaker) -> bool:
        """Whether a taker has to wait for those behind it; leaves them behind after some time."""
        if self._kept_bytes < SHARED_BYTES or not self._is_followed(taker, taker.standing):
            return False
        if self._to_forget(taker) is not None:
            return False
        oldest = next(iter(self._kept))[0]
        for other in self._takers:
            has_stopped = time.monotonic() - other.moved_at > PATIENCE_S
            if other.comes_to(oldest) and (taker.patience_s <= 0 or has_stopped):
                self._leave(other)
                return False
        return True

    def _is_followed(self, taker: FrameTaker, standing: Standing) -> bool:
        """Whether another comes to where a taker stands or stood."""
        return any(other.comes_to(standing) for other in self._takers if other is not taker)

    def _to_forget(self, taker: FrameTaker) -> Move | None:
        """The oldest of the kept frames that no other comes to before a taker does."""
        needed: dict[Way, int] = {}
        for other in self._takers:
            way, n_given = other.standing
            needed[way] = min(n_given, needed.get(way, n_given))
        for move in self._kept:
            way, n_given = move[0]
            if n_given < needed.get(way, n_given + 1) or taker.comes_to(move[0]):
                return move
        return None

    def _keep(self, taker: FrameTaker, move: Move, frame: SourceFrame) -> None:
        self._kept[move] = frame
        self._kept_bytes += _size(frame)
        while self._kept_bytes > SHARED_BYTES and (old := self._to_forget(taker)) is not None:
            self._kept_bytes -= _size(self._kept.pop(old))

    @contextmanager
    def _deferring(self, taker: FrameTaker, work: _Work) -> Iterator[None]:
        """Count the packets of a step; that its own reader has gone matters when it is made.

        Others may wait for it.
        """
        hear = heard_by()
        failures: list[Exception] = []

        def count() -> None:
            work.n_packets += 1
            if failures:
                return
            try:
                hear()
            except Exception as error:
                failures.append(error)
                if self._takers == [taker]:
                    raise

        with listening(count):
            yield
        if failures:
            raise failures[0]


def _size(frame: SourceFrame) -> int:
    """The bytes of a frame, about."""
    picture = frame.picture
    return 512 + (sum(plane.buffer_size for plane in picture.planes) if picture else 0)
