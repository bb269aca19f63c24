"""One decoder of one file, standing at a frame: goes on from there, or jumps to a keyframe.

A cursor is used by one thread at a time; pyav_reader.py lends cursors out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from vprog.errors import VideoUnreadableError
from vprog.media.frame_pool import FramePool, Taker
from vprog.media.index import MediaIndex
from vprog.media.opening import MAX_PIXELS, open_container, reason_of
from vprog.media.packets import read_packets
from vprog.media.reader import SilentReport, picture_of

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


class Cursor:
    """Stands at a frame of a file; `show` moves it for a taker and tells that one what it meets.

    Args:
        index: of the file.
        pool: takes what is decoded.
    """

    def __init__(self, index: MediaIndex, pool: FramePool) -> None:
        self._index = index
        self._stream = picture_of(index)
        self._pool = pool
        self._order = pool.order
        self._taker = self._nobody = Taker(SilentReport(), (), 0)
        self._reason = ""
        self._current: tuple[int, VideoFrame] | None = None  # on display
        self._ahead: tuple[int, VideoFrame] | None = None  # decoded, but not on display yet
        self._container = open_container(index.path, index.identity)
        self._start_over(reopen=False)

    @property
    def at(self) -> int:
        """The frame it stands at; -1 for before the first."""
        current = self._current
        return current[0] if current else -1

    def show(self, number: int, taker: Taker | None) -> tuple[int, VideoFrame]:
        """The frame, or the last one before it that decodes, with its number.

        Args:
            number: which frame.
            taker: who it is decoded for; None for nobody.

        Raises:
            VideoUnreadableError: neither it nor any frame before or after it decodes.
        """
        self._taker = taker or self._nobody
        try:
            return self._show(number)
        finally:
            self._taker = self._nobody

    def _show(self, number: int) -> tuple[int, VideoFrame]:
        key = self._order.key_before(number)
        if self._order.jumps(self.at, number):
            self._jump(key)
        self._forward(number)
        back = 1
        while self._current is None and key > 0:  # nothing decodes from that keyframe on
            key = self._order.key_before(max(0, key - back))
            back *= 2
            self._jump(key)
            self._forward(number)
        if self._current is None and self._ahead is None:  # every jump leads past what decodes
            self._start_over(reopen=True)
            self._forward(number)
        if self._current is None:
            if self._ahead is None:
                raise VideoUnreadableError(
                    f'"{self._index.path}": no frame can be decoded: '
                    f"{self._reason or 'nothing comes out of the decoder'}.",
                    hint="Copy or download it again.",
                )
            self._current, self._ahead = self._ahead, None
        shown = self._current[0]
        self._taker.report.shown(shown)
        for damaged in self._pool.damage_between(self._order.key_before(shown), shown):
            self._taker.report.damaged(damaged)
        return self._current

    def close(self) -> None:
        """Close the file."""
        self._current = self._ahead = None
        self._container.close()

    def _forward(self, number: int) -> None:
        """Decode until the frame is current, or is known not to come."""
        while self._current is None or self._current[0] < number:
            following = self._ahead or next(self._frames, None)
            self._ahead = None
            at = self._current[0] if self._current else self._landed - 1
            if following is None:
                self._taker.report.lost(at + 1, number + 1)
                return
            if following[0] > number:
                self._taker.report.lost(at + 1, following[0])
                self._ahead = following
                return
            self._taker.report.lost(at + 1, following[0])
            self._current = following

    def _jump(self, key: int) -> None:
        """Stand before a keyframe, or before an earlier one if the file does not lead there."""
        import av

        back = 1
        target = key
        while self._order.can_jump:
            self._current = self._ahead = None
            try:
                self._seek(target)
                landed = self._land()
            except av.FFmpegError:
                landed = None
            if landed is not None and landed[0] <= key:
                self._landed = self._following = landed[0]
                self._frames = self._decode(landed[1], self._packets())
                return
            if target == 0:
                break
            target = self._order.key_before(max(0, target - back))
            back *= 2
        self._start_over(reopen=True)

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

    def _start_over(self, *, reopen: bool) -> None:
        if reopen:
            self._container.close()
            self._container = open_container(self._index.path, self._index.identity)
        self._video = cast("VideoStream", self._container.streams[self._stream.number])
        self._video.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        self._count = 0
        self._landed = self._following = 0
        self._current = self._ahead = None
        self._frames = self._decode(None, self._packets())

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        return read_packets(self._container, [self._video], self._note, self._index.clock)

    def _note(self, reason: str) -> None:
        self._reason = self._reason or reason

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
                self._note(reason_of(error))
                if packet.pts is not None:
                    damaged = self._number(packet.pts)
                    self._pool.met_damage(damaged)
                    self._taker.report.damaged(damaged)
                frames = []
            for frame in frames:
                number = self._number_of(frame)
                # Frames shown before the keyframe of a jump refer to what was not decoded.
                if number is None or number < self._landed:
                    continue
                self._pool.put(
                    frame,
                    number,
                    follows=number == self._following,
                    is_damaged=frame.is_corrupt,
                    taker=self._taker,
                )
                self._following = number + 1
                self._taker.report.decoded(number)
                if frame.is_corrupt:
                    self._taker.report.damaged(number)
                yield number, frame
            packet = next(packets, None)

    def _number_of(self, frame: VideoFrame) -> int | None:
        if self._stream.by_count:
            self._count += 1
            return min(self._count, len(self._stream.times)) - 1
        return None if frame.pts is None else self._number(frame.pts)

    def _number(self, pts: int) -> int:
        base = float(self._stream.time_base)
        time = self._stream.start + (pts - self._stream.first_pts) * base + base / 2
        found = int(self._stream.times.searchsorted(time, side="right")) - 1
        return max(0, found)
