"""`measure_motion`: how much of the picture moves through time."""

from __future__ import annotations

from collections.abc import Iterator

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import Level, Span, Video
from vprog_modules.frames.sampling import even_times, pooled, sampling_span
from vprog_modules.motion.cut_pairs import may_be_cut, without_cuts
from vprog_modules.shots.picture_change import changed_mask, grey_of

SIDE = 320


@implements("measure_motion", needs=("cv2",), extra="offline", rank=10, backend="frame difference")
class MeasureMotionDifference:
    """Compares successive sampled frames, the light evened out."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        video: Video,
        *,
        span: Span | None = None,
        fps: float = 5.0,
    ) -> list[Level]:
        media = current()
        times = even_times(sampling_span("measure_motion", media, video, span), fps)
        suspects: list[tuple[float, float]] = []
        levels = list(_levels(media, video, times, suspects))
        return pooled(without_cuts(media, video, levels, suspects), len(times))


def _levels(
    media: CallContext, video: Video, times: list[float], suspects: list[tuple[float, float]]
) -> Iterator[Level]:
    """A level for each pair of frames; pairs that may lie across a cut go to `suspects`."""
    before, since = None, 0.0
    for time, pixels in media.frames(video.index, times, max_side=SIDE):
        grey = grey_of(pixels)
        if before is not None:
            share = float(changed_mask(before, grey).mean())
            if may_be_cut(before, grey, share):
                suspects.append((since, time))
            yield Level(round((since + time) / 2, 6), round(share, 4))
        before, since = grey, time
