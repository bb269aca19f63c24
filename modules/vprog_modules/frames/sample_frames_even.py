"""`sample_frames`: frames at even distances. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Frame, Span, Video
from vprog_modules.frames.sampling import check_count, even_times, shown_at, stretch_of


@implements("sample_frames", backend="index")
class SampleFramesEven:
    """Puts an even grid of times over the span."""

    def __call__(
        self,
        video: Video,
        *,
        fps: float = 1.0,
        span: Span | None = None,
        count: int | None = None,
    ) -> list[Frame]:
        stretch = stretch_of("sample_frames", current(), video, span)
        if count is None:
            times = even_times(stretch, fps)
        else:
            part = (stretch.end - stretch.start) / count
            middles = [stretch.start + (k + 0.5) * part for k in range(count)]
            times = sorted({shown_at(stretch.times, middle) for middle in middles})
        check_count("sample_frames", len(times), stretch)
        return [Frame(video.index, time) for time in times]
