"""One decoder of one file, standing at a frame: goes on from there, or jumps to a keyframe.

A cursor is used by one thread at a time; pyav_reader.py lends cursors out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from vprog.errors import VideoUnreadableError
from vprog.media.index import MediaIndex
from vprog.media.opening import MAX_PIXELS, open_container, reason_of
from vprog.media.packets import read_packets
from vprog.media.reader import DecodeReport, SilentReport, picture_of
from vprog.media.rotation import turn

if TYPE_CHECKING:
    import numpy as np
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

JUMP_FRAMES = 6
"""What a jump costs, in decoded frames: a keyframe must lie further ahead than that to pay."""


class Damage:
    """What all cursors of a file know together: how much was decoded, and what came out damaged.

    A frame that one run had decoded is damaged for the next as well, which decodes nothing.
    """

    def __init__(self) -> None:
        self.frames_decoded = 0
        self._numbers: set[int] = set()
        self._lock = threading.Lock()

    def counted(self, number: int, *, is_damaged: bool) -> None:
        """A frame came out of the decoder."""
        with self._lock:
            self.frames_decoded += 1
            if is_damaged:
                self._numbers.add(number)

    def met(self, number: int) -> None:
        """What belongs to a frame does not decode."""
        with self._lock:
            self._numbers.add(number)

    def between(self, first: int, last: int) -> list[int]:
        """The damaged frames from one to another, both counted in."""
        if not self._numbers:
            return []
        with self._lock:
            return [number for number in self._numbers if first <= number <= last]


class Cursor:
    """Stands at a frame of a file; `show` moves it and tells `report` what it meets."""

    report: DecodeReport

    def __init__(self, index: MediaIndex, damage: Damage) -> None:
        self._index = index
        self._stream = picture_of(index)
        self._damage = damage
        clock = index.clock
        self._can_jump = not self._stream.by_count and (clock is None or clock.seeks_bytes)
        self.report = SilentReport()
        self._reason = ""
        self._formatter: VideoReformatter | None = None
        self._current: tuple[int, VideoFrame] | None = None  # on display
        self._ahead: tuple[int, VideoFrame] | None = None  # decoded, but not on display yet
        self._container = open_container(index.path, index.identity)
        self._start_over(reopen=False)

    @property
    def at(self) -> int:
        """The frame on display; -1 before the first."""
        return self._current[0] if self._current else -1

    def cost(self, number: int) -> int:
        """How many frames must be decoded to show one."""
        at = self.at
        from_key = number - self._key_before(number)
        if at <= number:
            return min(number - at, from_key + JUMP_FRAMES)
        return from_key + JUMP_FRAMES

    def show(self, number: int) -> tuple[int, VideoFrame]:
        """The frame, or the last one before it that decodes, with its number.

        Raises:
            VideoUnreadableError: neither it nor any frame before or after it decodes.
        """
        key = self._key_before(number)
        at = self.at
        if number < at or (key > at + JUMP_FRAMES and self._can_jump):
            self._jump(key)
        self._forward(number)
        back = 1
        while self._current is None and key > 0:  # nothing decodes from that keyframe on
            key = self._key_before(max(0, key - back))
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
        self.report.shown(shown)
        for damaged in self._damage.between(self._key_before(shown), shown):
            self.report.damaged(damaged)
        return self._current

    def pixels(self, frame: VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
        """A frame as RGB, uint8, (H, W, 3), scaled to (width, height) and turned for display."""
        from av.video.reformatter import Interpolation, VideoReformatter

        stream = self._stream
        width, height = size if stream.rotation in (0, 180) else size[::-1]
        is_smaller = (width, height) != (frame.width, frame.height)
        if self._formatter is None:
            self._formatter = VideoReformatter()  # keeps its tables from frame to frame
        scaled = self._formatter.reformat(
            frame,
            width,
            height,
            "rgb24",
            interpolation=Interpolation.AREA if is_smaller else Interpolation.BILINEAR,
        )
        pixels = cast("NDArray[np.uint8]", scaled.to_ndarray())
        return turn(pixels, stream.rotation, stream.mirrored)

    def close(self) -> None:
        """Close the file."""
        self._current = self._ahead = None
        self._container.close()

    def _key_before(self, number: int) -> int:
        """The last keyframe that is not after a frame; 0 if decoding must start at the start."""
        if not self._can_jump:
            return 0
        keyframes = self._stream.keyframes
        # Most groups are short: look at a small window first, it is a plain copy of bytes.
        for width in (256, len(keyframes)):
            start = max(0, number + 1 - width)
            found = keyframes[start : number + 1].nonzero()[0]
            if len(found):
                return start + int(found[-1])
        return 0

    def _forward(self, number: int) -> None:
        """Decode until the frame is current, or is known not to come."""
        while self._current is None or self._current[0] < number:
            following = self._ahead or next(self._frames, None)
            self._ahead = None
            at = self._current[0] if self._current else self._landed - 1
            if following is None:
                self.report.lost(at + 1, number + 1)
                return
            if following[0] > number:
                self.report.lost(at + 1, following[0])
                self._ahead = following
                return
            self.report.lost(at + 1, following[0])
            self._current = following

    def _jump(self, key: int) -> None:
        """Stand before a keyframe, or before an earlier one if the file does not lead there."""
        import av

        back = 1
        target = key
        while self._can_jump:
            self._current = self._ahead = None
            try:
                self._seek(target)
                landed = self._land()
            except av.FFmpegError:
                landed = None
            if landed is not None and landed[0] <= key:
                self._landed = landed[0]
                self._frames = self._decode(landed[1], self._packets())
                return
            if target == 0:
                break
            target = self._key_before(max(0, target - back))
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
        self._landed = 0
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
                    self._damage.met(damaged)
                    self.report.damaged(damaged)
                frames = []
            for frame in frames:
                number = self._number_of(frame)
                # Frames shown before the keyframe of a jump refer to what was not decoded.
                if number is None or number < self._landed:
                    continue
                self._damage.counted(number, is_damaged=frame.is_corrupt)
                self.report.decoded(number)
                if frame.is_corrupt:
                    self.report.damaged(number)
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
