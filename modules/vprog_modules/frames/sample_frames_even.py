"""`sample_frames`: frames at even distances. From the index, nothing is decoded."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Frame, Span, Video
from vprog_modules.frames.sampling import (
    check_count,
    even_times,
    near_keyframes,
    sampling_span,
    shown_at,
)


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
        tolerance: float = 0.0,
    ) -> list[Frame]:
        media = current()
        sampling = sampling_span("sample_frames", media, video, span)
        if count is None:
            times = even_times(sampling, fps)
        else:
            part = (sampling.end - sampling.start) / count
            middles = [sampling.start + (k + 0.5) * part for k in range(count)]
            times = sorted({shown_at(sampling.times, middle) for middle in middles})
        times = near_keyframes(media, video, times, tolerance, sampling.times)
        check_count("sample_frames", len(times), sampling)
        return [Frame(video.index, time) for time in times]
