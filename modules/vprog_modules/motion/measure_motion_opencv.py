"""`measure_motion`: how much of the picture moves through time."""

from __future__ import annotations

from collections.abc import Iterator

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import Level, Span, Video
from vprog_modules.frames.sampling import even_times, pooled, sampling_span
from vprog_modules.shots.change import changed_mask, grey_of, likeness
from vprog_modules.shots.shot_meter import UNLIKE, ShotMeter
from vprog_modules.shots.shot_rules import boundaries_of

SIDE = 320
MOSTLY_CHANGED = 0.25
"""Where more of the picture changed, and it is unlike, there may be a cut."""

AROUND = 0.3
MOST_SUSPECTS = 500


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
        cuts = [cut for pair in suspects[:MOST_SUSPECTS] for cut in _cuts(media, video, pair)]
        levels = [level for level in levels if all(abs(level.time - cut) > 1e-3 for cut in cuts)]
        return pooled(levels, len(times))


def _levels(
    media: CallContext, video: Video, times: list[float], suspects: list[tuple[float, float]]
) -> Iterator[Level]:
    """A level for each pair of frames; pairs that may lie across a cut go to `suspects`."""
    before, since = None, 0.0
    for time, pixels in media.frames(video.index, times, max_side=SIDE):
        grey = grey_of(pixels)
        if before is not None:
            share = float(changed_mask(before, grey).mean())
            if share > MOSTLY_CHANGED and likeness(before, grey) < UNLIKE:
                suspects.append((since, time))
            yield Level(round((since + time) / 2, 6), round(share, 4))
        before, since = grey, time


def _cuts(media: CallContext, video: Video, pair: tuple[float, float]) -> list[float]:
    """The middle of a pair of frames, if there is a cut between them."""
    since, until = pair
    near = media.frame_times(video.index, Span(max(0.0, since - AROUND), until + AROUND))
    meter = ShotMeter()
    for time, pixels in media.frames(video.index, near.tolist(), max_side=SIDE):
        meter.push(time, pixels)
    found = boundaries_of(meter.measured)
    is_cut = any(
        change.opening == "cut" and since < change.time <= until + 1e-6 for change in found
    )
    return [(since + until) / 2] if is_cut else []
