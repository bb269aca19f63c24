"""Which frames of a file have to be decoded to show one."""

from __future__ import annotations

from vprog.media.index import MediaIndex, VideoStream

JUMP_FRAMES = 6
"""What a jump costs, in decoded frames: a keyframe must lie further ahead than that to pay."""


class DecodeOrder:
    """Which frames have to be decoded to show one."""

    def __init__(self, index: MediaIndex, stream: VideoStream) -> None:
        clock = index.clock
        self.can_jump = not stream.by_count and (clock is None or clock.seeks_bytes)
        self._keyframes = stream.keyframes

    def key_before(self, number: int) -> int:
        """The last keyframe that is not after a frame; 0 if decoding must start at the start."""
        if not self.can_jump:
            return 0
        # Most groups are short: look at a small window first, it is a plain copy of bytes.
        for width in (256, len(self._keyframes)):
            start = max(0, number + 1 - width)
            found = self._keyframes[start : number + 1].nonzero()[0]
            if len(found):
                return start + int(found[-1])
        return 0

    def way(self, at: int, number: int) -> range:
        """The frames to decode from one that is on display (-1 for none) to another.

        It begins at a keyframe where a jump is needed or pays; empty where nothing is to be done.
        """
        first = self.key_before(number) if self.jumps(at, number) else at + 1
        return range(first, number + 1)

    def jumps(self, at: int, number: int) -> bool:
        """Whether a jump to a keyframe is needed to come from one frame to another, or pays."""
        return number < at or (self.can_jump and self.key_before(number) > at + JUMP_FRAMES)
