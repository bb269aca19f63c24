"""What a frame reader is: pictures at times. pyav_reader.py is one, decord and torchcodec two
more that share numbered_reader.py.

A reader serves many runs at once and keeps nothing of them: what it decodes and what it loses
it tells the report that comes with a read. `Tally` is the report that makes a run's warnings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vprog.errors import NoVideoStreamError
from vprog.media.index import MediaIndex, VideoStream
from vprog.media.stream_info import DamagedPlace
from vprog.types.clock import clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DecodedFrame(NamedTuple):
    """A picture, RGB, uint8, (H, W, 3), and when it was put on display."""

    time: float
    pixels: NDArray[np.uint8]


class DecodeReport(Protocol):
    """Is told, while a read goes on, what became of which frame."""

    def decoded(self, number: int) -> None:
        """A frame came out of the decoder."""
        ...

    def taken(self, number: int) -> None:
        """A frame that this read needs came out of the decoder of another, which shares it."""
        ...

    def shown(self, number: int) -> None:
        """A frame was given, whoever it was decoded for."""
        ...

    def lost(self, start: int, stop: int) -> None:
        """The decoder went past these frames without giving them."""
        ...

    def damaged(self, number: int) -> None:
        """From this frame on, pictures may be wrong until the next keyframe."""
        ...


class FrameReader(Protocol):
    """Gives the frames of one file. May be used from several threads at once."""

    @property
    def frames_decoded(self) -> int:
        """How many frames the decoder has given so far, for all who read, asked for or not."""
        ...

    def read(
        self,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        report: DecodeReport | None = None,
        run: int = 0,
        in_company: bool = False,
    ) -> Iterator[DecodedFrame]:
        """For each time the frame on display then: the last one with a time <= it.

        A frame that is lost is stood in for by the one before it, which a player would
        still show. Sorted times are decoded in one pass.

        Args:
            times: seconds on the file's clock; outside of the file, the nearest frame.
            max_side: scale down so that the longer side is at most this.
            report: told what is decoded and lost on the way.
            run: who reads; what one run is told does not hang on what others read before.
            in_company: whether others have the file open: what is decoded may be shared.

        Raises:
            VideoUnreadableError: no frame can be decoded.
        """
        ...

    def close(self) -> None:
        """Free the decoder; the reader cannot be used afterwards."""
        ...


class Rewind(Exception):
    """Thrown into a read by who read ahead: end it, standing at the frame of that time."""

    def __init__(self, time: float) -> None:
        super().__init__(time)
        self.time = time


class SilentReport:
    """Keeps nothing. Implements `DecodeReport`."""

    def decoded(self, number: int) -> None:
        """Nothing."""

    def taken(self, number: int) -> None:
        """Nothing."""

    def shown(self, number: int) -> None:
        """Nothing."""

    def lost(self, start: int, stop: int) -> None:
        """Nothing."""

    def damaged(self, number: int) -> None:
        """Nothing."""


class Tally:
    """Which frames of a file were decoded for a run, and which were lost to it."""

    def __init__(self, name: str, stream: VideoStream) -> None:
        import numpy as np

        self._name = name
        self._stream = stream
        self._state = np.zeros(len(stream.times), dtype=np.uint8)  # 0 unread, 1 decoded, 2 lost
        self._lock = threading.Lock()
        self._damaged: set[int] = set()
        self.is_whole = True
        """Whether nothing was lost or damaged: each call of a module asks for the warnings."""
        self.frames_decoded = 0

    def decoded(self, number: int) -> None:
        """See `DecodeReport.decoded`."""
        with self._lock:
            self.frames_decoded += 1
            self._state[number] = 1

    def taken(self, number: int) -> None:
        """See `DecodeReport.taken`: counted as if this run had had it decoded."""
        self.decoded(number)

    def shown(self, number: int) -> None:
        """See `DecodeReport.shown`."""
        with self._lock:
            self._state[number] = 1

    def lost(self, start: int, stop: int) -> None:
        """See `DecodeReport.lost`."""
        if stop > start:
            with self._lock:
                part = self._state[start:stop]
                part[part == 0] = 2
                self.is_whole = False

    def damaged(self, number: int) -> None:
        """See `DecodeReport.damaged`."""
        with self._lock:
            self._damaged.add(number)
            self.is_whole = False

    @property
    def damage(self) -> list[DamagedPlace]:
        """Where pictures were lost or may be wrong, of those that were read."""
        import numpy as np

        times = self._stream.times
        usual = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        ends = np.append(times[1:], times[-1] + usual)
        # A picture is good for as long as the others are: what is missing after it is lost too.
        starts = np.append(times[:1], np.minimum(times[1:], times[:-1] + usual))
        with self._lock:
            lost = np.flatnonzero(self._state == 2)
            damaged = sorted(self._damaged)
        found = [
            DamagedPlace("lost pictures", float(starts[run[0]]), float(ends[run[-1]]))
            for run in np.split(lost, np.flatnonzero(np.diff(lost) > 1) + 1)
            if len(run)
        ]
        whole = np.append(np.flatnonzero(self._stream.keyframes), len(ends))
        for number in damaged:  # until the next keyframe
            last = int(whole[np.searchsorted(whole, number, side="right")]) - 1
            start, end = float(times[number]), float(ends[last])
            found.append(DamagedPlace("damaged pictures", start, end))
        return found

    @property
    def lost_share(self) -> float:
        """The share of the frames that were lost, of those that were read."""
        with self._lock:
            n_lost = int((self._state == 2).sum())
            return n_lost / max(1, int((self._state != 0).sum()))

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line, or none if all that was read was there."""
        if self.is_whole:
            return ()
        with self._lock:
            n_decoded = int((self._state == 1).sum())
            n_lost = int((self._state == 2).sum())
            damaged = min(self._damaged, default=None)
        if not n_lost and damaged is None:
            return ()
        n_read = n_decoded + n_lost
        if n_read == len(self._state):
            text = f"{self._name}: decoded {n_decoded} of {self._stream.n_stated} frames"
        else:
            text = f"{self._name}: decoded {n_decoded} of {n_read} frames read"
        if damaged is not None:
            time = float(self._stream.times[damaged])
            text += f"; pictures from {clock(time)} on may be damaged"
        return (text,)


class CallReport:
    """The report of a whole run, that tells one call of it what was decoded and lost for it.

    Args:
        of_run: is told everything as well.
        on_decoded: called for each frame that was decoded.
        on_degraded: called where a frame is lost or may be damaged: what the call makes of its
            pictures is no result of the whole file.
    """

    def __init__(
        self,
        of_run: DecodeReport,
        on_decoded: Callable[[], None] | None,
        on_degraded: Callable[[], None] | None,
    ) -> None:
        self._of_run = of_run
        self._on_decoded = on_decoded
        self._on_degraded = on_degraded
        self.is_degraded = False
        self.shown = of_run.shown

    def decoded(self, number: int) -> None:
        """See `DecodeReport.decoded`."""
        self._of_run.decoded(number)
        if self._on_decoded is not None:
            self._on_decoded()

    def taken(self, number: int) -> None:
        """See `DecodeReport.taken`: no different for a call."""
        self.decoded(number)

    def lost(self, start: int, stop: int) -> None:
        """See `DecodeReport.lost`."""
        self._of_run.lost(start, stop)
        if stop > start:
            self._degraded()

    def damaged(self, number: int) -> None:
        """See `DecodeReport.damaged`."""
        self._of_run.damaged(number)
        self._degraded()

    def _degraded(self) -> None:
        self.is_degraded = True
        if self._on_degraded is not None:
            self._on_degraded()


def picture_of(index: MediaIndex) -> VideoStream:
    """The picture of a file.

    Raises:
        NoVideoStreamError: the file has sound only.
    """
    if index.video is None:
        raise NoVideoStreamError(
            f'"{index.path.name}" has no picture, only sound.',
            hint="Ask for its speech or its sound.",
        )
    return index.video


def scaled_size(stream: VideoStream, max_side: int | None) -> tuple[int, int]:
    """Width and height of the pictures that a reader gives."""
    longer = max(stream.width, stream.height)
    if max_side is None or max_side >= longer:
        return stream.width, stream.height
    scale = max(1, max_side) / longer
    return max(1, round(stream.width * scale)), max(1, round(stream.height * scale))
