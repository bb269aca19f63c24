"""`measure_brightness`: how light the picture is through time."""

from __future__ import annotations

from collections.abc import Iterator

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import Level, Span, Video
from vprog_modules.frames.brightness import luma_of
from vprog_modules.frames.sampling import even_times, pooled, sampling_span


@implements("measure_brightness", needs=("numpy",), rank=10, backend="mean luma")
class MeasureBrightnessLuma:
    """Mean luma of small pictures."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: float = 2.0,
    ) -> list[Level]:
        media = current()
        times = even_times(sampling_span("measure_brightness", media, video, span), fps)
        return pooled(_levels(media, video, times), len(times))


def _levels(media: CallContext, video: Video, times: list[float]) -> Iterator[Level]:
    for time, pixels in media.frames(video.index, times, max_side=160):
        yield Level(time, round(float(luma_of(pixels).mean()), 4))
