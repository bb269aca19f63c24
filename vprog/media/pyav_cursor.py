"""One decoder of one file, standing at a frame: goes on from there, or jumps to a keyframe.

A cursor is used by one thread at a time; pyav_reader.py lends cursors out.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from vprog.errors import VideoUnreadableError
from vprog.media.index import MediaIndex
from vprog.media.pyav_source import SourceFrame
from vprog.media.reader import DecodeReport, SilentReport, picture_of
from vprog.media.rotation import turn
from vprog.media.shared_decoders import FrameTaker, SharedDecoders

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

JUMP_FRAMES = 3
"""What a jump costs, in decoded frames: a keyframe must lie further ahead than that to pay."""

NEAR_FRAMES = 24
"""A pass that stands no further before a frame than that goes on to it."""


class Damage:
    """What all cursors of a run know together: which frames came out damaged.

    A frame that one cursor has decoded is damaged for the next as well, which decodes nothing.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, None] = {}
        self._lock = threading.Lock()

    def met(self, number: int) -> None:
        """A frame is damaged, or what belongs to it does not decode."""
        with self._lock:
            self._numbers[number] = None

    def between(self, first: int, last: int) -> list[int]:
        """The damaged frames from one to another, both counted in."""
        if not self._numbers:
            return []
        with self._lock:
            return [number for number in self._numbers if first <= number <= last]


class Cursor:
    """Stands at a frame of a file; `show` moves it and tells `report` what it meets."""

    report: DecodeReport

    def __init__(
        self, index: MediaIndex, decoders: SharedDecoders, damage: Damage, run: int = 0
    ) -> None:
        self.run = run
        self._index = index
        self._stream = picture_of(index)
        self._decoders, self._taker = decoders, FrameTaker()
        self._damage = damage
        self._can_jump = index.can_jump
        self.report = SilentReport()
        self._reason = ""
        self._formatter: VideoReformatter | None = None
        self._current: tuple[int, VideoFrame] | None = None  # on display
        self._ahead: tuple[int, VideoFrame] | None = None  # decoded, but not on display yet
        self._landed = 0
        self._is_over = False
        self._wish = -1
        """The frame to stand at before the next is shown."""

    def begin(self, report: DecodeReport, *, is_shared: bool) -> None:
        """A read begins: tell its report; share with others, or not."""
        self.report = report
        if is_shared:
            self._decoders.share(self._taker)

    def go_alone(self) -> None:
        """Share no longer, and tell nobody. Whose decoder others need makes do with a new one."""
        self.report = SilentReport()
        self._decoders.go_alone(self._taker)
        if self._taker.source is None:
            self._wish = self.at
            self._start_over()

    def go_to(self, number: int) -> None:
        """Stand at a frame for the read to come; without a decoder, once that comes."""
        if self._taker.source is None:
            self._wish = number
        else:
            self.show(number)

    @property
    def at(self) -> int:
        """The frame on display; -1 before the first."""
        return self._current[0] if self._current else self._wish

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
        if self._wish >= 0:
            wish, self._wish = self._wish, -1
            report, self.report = self.report, SilentReport()
            self.show(wish)
            self.report = report
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
            self._start_over()
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
        """Need the file no more."""
        self._current = self._ahead = None
        self.go_alone()
        self._decoders.start_over(self._taker)

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
            following = self._ahead or self._following()
            self._ahead = None
            at = self._current[0] if self._current else self._landed - 1
            if following is None:
                self.report.lost(at + 1, number + 1)
                return
            if following[0] > number:
                self.report.lost(at + 1, following[0])
                self._ahead = following
                return
            if following[0] > at + 1:
                self.report.lost(at + 1, following[0])
            self._current = following

    def _jump(self, key: int) -> None:
        """Stand before a keyframe, or before an earlier one if the file does not lead there."""
        back = 1
        target = key
        while self._can_jump:
            self._current = self._ahead = None
            landed = self._step(target).number
            if 0 <= landed <= key:
                self._landed, self._is_over = landed, False
                return
            if target == 0:
                break
            target = self._key_before(max(0, target - back))
            back *= 2
        self._start_over()

    def _start_over(self) -> None:
        self._current = self._ahead = None
        self._landed, self._is_over = 0, False
        self._decoders.start_over(self._taker)

    def _following(self) -> tuple[int, VideoFrame] | None:
        """The next frame that decodes."""
        if self._is_over:
            return None
        frame = self._step(None)
        if frame.picture is None:
            self._is_over = True
            return None
        return frame.number, frame.picture

    def _step(self, target: int | None) -> SourceFrame:
        """Have a step made, and tell what came of it."""
        frame, is_shared = self._decoders.step(self._taker, target)
        for reason in frame.reasons:
            self._reason = self._reason or reason
        for number in frame.damaged:
            self._damage.met(number)
            self.report.damaged(number)
        if frame.picture is not None:
            if is_shared:
                self.report.taken(frame.number)
            else:
                self.report.decoded(frame.number)
            if frame.is_corrupt:
                self._damage.met(frame.number)
                self.report.damaged(frame.number)
        return frame
