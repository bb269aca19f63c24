"""`measure_brightness`: how light the picture is through time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from vprog.media.source import MediaSource, current
from vprog.registry.module import module
from vprog.types import RATE, Grid, Level, Span, Video
from vprog_modules.frames.luma import luma_of
from vprog_modules.frames.sampling import even_times, pooled, stretch_of


@module("measure_brightness", needs=("numpy",), rank=10, backend="mean luma")
class MeasureBrightnessLuma:
    """Mean luma of small pictures."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: Annotated[float, RATE, Grid((1.0, 2.0, 5.0))] = 2.0,
    ) -> list[Level]:
        """Measure how light the picture is, frame after frame.

        Args:
            video: the file.
            span: only this part, in seconds; None for all of it.
            fps: frames measured per second.

        Returns:
            Levels in order of time; value: mean luma of the picture in [0, 1], 0 black,
            1 white (gamma-encoded, weights of ITU-R BT.601); time of the frame in seconds.
            At most 2,000: where there would be more, each is the mean over as many
            successive ones as needed, at their mean time.

        Raises:
            NoVideoStreamError: the file has no picture.

        Example:
            >>> darkest = min(measure_brightness(video), key=lambda level: level.value)
        """
        media = current()
        times = even_times(stretch_of("measure_brightness", media, video, span), fps)
        return pooled(_levels(media, video, times), len(times))


def _levels(media: MediaSource, video: Video, times: list[float]) -> Iterator[Level]:
    for time, pixels in media.frames(video.index, times, max_side=160):
        yield Level(time, round(float(luma_of(pixels).mean()), 4))
