"""`measure_motion`: how much of the picture moves through time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from vprog.media.source import MediaSource, current
from vprog.registry.module import module
from vprog.types import RATE, Level, Span, Video
from vprog_modules.support.change import changed_mask, grey_of, likeness
from vprog_modules.support.sampling import even_times, pooled, stretch_of

ANOTHER_PICTURE = 0.25
"""Two successive pictures less alike than this, and mostly changed, are of two shots."""


@module("measure_motion", needs=("cv2",), extra="offline", rank=10, backend="frame difference")
class MeasureMotionDifference:
    """Compares successive sampled frames, the light evened out."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self, video: Video, *, span: Span | None = None, fps: Annotated[float, RATE] = 5.0
    ) -> list[Level]:
        """Measure how much of the picture moves, from each sampled frame to the next.

        What counts is change: large and strongly textured things count more than small
        and plain ones, a moving camera counts as motion of the whole picture, a change of
        light does not count, and a cut is left out.

        Args:
            video: the file.
            span: only this part, in seconds; None for all of it.
            fps: frames compared per second.

        Returns:
            Levels in order of time; value: share of the picture's pixels that changed, in
            [0, 1], 0 when nothing moves; time: the middle between the two frames, in
            seconds. One less than the frames looked at: a video of one frame gives an
            empty list. At most 2,000: where there would be more, each is the mean over as
            many successive ones as needed.

        Raises:
            NoVideoStreamError: the file has no picture.

        Example:
            >>> liveliest = max(measure_motion(video), key=lambda level: level.value).time
        """
        media = current()
        times = even_times(stretch_of("measure_motion", media, video, span), fps)
        return pooled(_levels(media, video, times), len(times))


def _levels(media: MediaSource, video: Video, times: list[float]) -> Iterator[Level]:
    before, since = None, 0.0
    for time, pixels in media.frames(video.index, times, max_side=320):
        grey = grey_of(pixels)
        if before is not None:
            share = float(changed_mask(before, grey).mean())
            if share < 0.5 or likeness(before, grey) > ANOTHER_PICTURE:
                yield Level(round((since + time) / 2, 6), round(share, 4))
        before, since = grey, time
