"""One open file and its decoder: the next frame, or a jump to a keyframe.

What comes of it hangs on nothing but what was asked of it before: it holds the frame that it gave
last, and whoever wants a frame for longer copies it, since a held frame is not written over and
what a damaged frame shows is what stood there before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from vprog.media.index import MediaIndex
from vprog.media.opening import MAX_PIXELS, open_container, reason_of
from vprog.media.packets import read_packets
from vprog.media.reader import picture_of

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


_MOST_JUMPS = 1_000
"""How many jumps of a way are known: whoever goes it again after more begins in the middle."""


class Way:
    """The way to a keyframe: from where one jumped to it. One and the same is one object."""

    def __init__(self, before: Standing | None, target: int) -> None:
        if before is not None and before.way.n_jumps >= _MOST_JUMPS:
            before = None
        self.before, self.target = before, target
        self.n_jumps: int = before.way.n_jumps + 1 if before is not None else 0


class Standing(NamedTuple):
    """Where a decoder stands: which way it came, and how many frames it gave since."""

    way: Way
    n_given: int


Move = tuple[Standing, int | None]
"""A step from where a decoder stands: to the next frame, or to a keyframe."""

_OPENED = Way(None, -1)
START = Standing(_OPENED, 0)


def steps_to(standing: Standing) -> list[tuple[int, int]]:
    """The jumps of a way, -1 for the start, each with how many frames follow it."""
    steps: list[tuple[int, int]] = []
    while True:
        steps.append((standing.way.target, standing.n_given))
        if standing.way.before is None:
            return steps[::-1]
        standing = standing.way.before


class SourceFrame(NamedTuple):
    """What came of a step: a frame with its number, or -1 where there is none.

    `damaged` are the frames whose packets did not decode before it came, with the reasons.
    """

    number: int
    picture: VideoFrame | None = None
    is_corrupt: bool = False
    damaged: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


class FrameSource:
    """Used by one thread at a time."""

    def __init__(self, index: MediaIndex) -> None:
        self._index = index
        self._stream = stream = picture_of(index)
        self._times, self._first_pts = stream.times, stream.first_pts
        self._start, self._base = stream.start, float(stream.time_base)
        self._near = 0
        """The number of the last frame or packet: mostly the next one follows it."""
        self._damaged: list[int] = []
        self._reasons: list[str] = []
        self._count = 0
        self._landed = 0
        self._container = open_container(index.path, index.identity)
        self._video = cast("VideoStream", self._container.streams[self._stream.number])
        self._video.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        if self._stream.codec == "h264":
            # Mostly a frame is one slice: threads for slices only put off the filter behind it,
            # for up to a tenth of the processor time.
            self._video.thread_type = "NONE"
        self._frames = self._decode(None, self._packets())

    def step(self, target: int | None) -> SourceFrame:
        """The next frame; or, with a target, jump to that keyframe and tell where that leads."""
        if target is None:
            number, picture = next(self._frames, (-1, None))
        else:
            number, picture = self._jump(target), None
        is_corrupt = picture is not None and bool(picture.is_corrupt)
        if not self._reasons:  # no damage without a reason
            return SourceFrame(number, picture, is_corrupt)
        frame = SourceFrame(number, picture, is_corrupt, (*self._damaged,), (*self._reasons,))
        self._damaged.clear()
        self._reasons.clear()
        return frame

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _jump(self, target: int) -> int:
        """Stand before the first keyframe that comes after a jump."""
        import av

        try:
            self._seek(target)
            landed = self._land()
        except av.FFmpegError:
            return -1
        if landed is None:
            return -1
        self._landed = landed[0]
        self._frames = self._decode(landed[1], self._packets())
        return self._landed

    def _seek(self, target: int) -> None:
        stream = self._stream
        if stream.places is not None:  # stamps say the same of several places
            self._container.seek(int(stream.places[target]), unsupported_byte_offset=True)
            return
        time = float(stream.times[target]) - stream.start
        pts = stream.first_pts + round(time / stream.time_base)
        self._container.seek(pts, stream=self._video)

    def _land(self) -> tuple[int, Packet[VideoStream]] | None:
        """The first keyframe packet after a jump."""
        for packet in self._packets():
            if packet.size and packet.pts is not None and packet.is_keyframe:
                number = self._number(packet.pts)
                if self._stream.keyframes[number]:
                    return number, packet
        return None

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        video: Any = self._video
        return read_packets(self._container, [video], self._reasons.append, self._index.clock)

    def _decode(
        self, first: Packet[VideoStream] | None, packets: Iterator[Packet[VideoStream]]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Every frame with its number, in order of display; goes on after damage."""
        import av

        packet = first or next(packets, None)
        while packet is not None:
            try:
                frames = packet.decode()
            except MemoryError:  # no damage of the file's: told as what it is
                raise
            except (av.FFmpegError, ValueError) as error:
                self._reasons.append(reason_of(error))
                if packet.pts is not None:
                    self._damaged.append(self._number(packet.pts))
                frames = []
            for frame in frames:
                number = self._number_of(frame)
                # Frames shown before the keyframe of a jump refer to what was not decoded.
                if number is not None and number >= self._landed:
                    yield number, frame
            packet = next(packets, None)

    def _number_of(self, frame: VideoFrame) -> int | None:
        if self._stream.by_count:
            self._count += 1
            return min(self._count, len(self._stream.times)) - 1
        return None if frame.pts is None else self._number(frame.pts)

    def _number(self, pts: int) -> int:
        base, times = self._base, self._times
        time = self._start + (pts - self._first_pts) * base + base / 2
        following = self._near + 1
        if following + 1 < len(times) and times[following] <= time < times[following + 1]:
            self._near = following  # a search takes three times as long
        else:
            self._near = max(0, int(times.searchsorted(time, side="right")) - 1)
        return self._near


class FrameCopier:
    """Copies frames with all that is known of them, so that they are converted alike."""

    def __init__(self) -> None:
        self._graph: Any = None
        self._kind: tuple[int, int, str] | None = None

    def copy(self, frame: VideoFrame) -> VideoFrame:
        """The frame, in memory of its own."""
        from av.filter import Graph

        kind = (frame.width, frame.height, frame.format.name)
        if kind != self._kind:
            graph = Graph()
            graph.link_nodes(
                graph.add_buffer(
                    width=frame.width,
                    height=frame.height,
                    format=frame.format,
                    time_base=frame.time_base,
                ),
                graph.add("copy"),
                graph.add("buffersink"),
            ).configure()
            self._graph, self._kind = graph, kind
        self._graph.push(frame)
        return cast("VideoFrame", self._graph.pull())
