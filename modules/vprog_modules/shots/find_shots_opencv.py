"""`find_shots`: the shots of a video, by cuts, fades and dissolves."""

from __future__ import annotations

from vprog.errors import ModuleInputError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import MAX_ITEMS, Shot, Span, Video
from vprog_modules.frames.sampling import sampling_span
from vprog_modules.shots.shot_meter import ShotMeter
from vprog_modules.shots.shot_rules import FLASH_FRAMES, FLASH_SECONDS, ShotBoundary, boundaries_of


@implements(
    "find_shots", needs=("cv2",), extra="offline", rank=10, backend="frame comparison", version="2"
)
class FindShotsComparison:
    """Compares small pictures of all frames."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(self, video: Video, *, span: Span | None = None) -> list[Shot]:
        media = current()
        sampling = sampling_span("find_shots", media, video, span)
        meter = ShotMeter(flash_seconds=FLASH_SECONDS, flash_frames=FLASH_FRAMES)
        for time, pixels in media.frames(video.index, sampling.every_time(), max_side=160):
            meter.push(time, pixels)
        boundaries = [
            boundary
            for boundary in boundaries_of(meter.measured, media.joints(video.index))
            if boundary.time > sampling.start
        ]
        if len(boundaries) >= MAX_ITEMS:
            raise ModuleInputError(
                f"find_shots(video): expected at most {MAX_ITEMS} shots, "
                f"got {len(boundaries) + 1}.",
                hint="Give a shorter span.",
            )
        begins = [ShotBoundary(sampling.start, "start", 1.0), *boundaries]
        ends = [boundary.time for boundary in boundaries] + [sampling.end]
        return [
            Shot(round(each.time, 6), round(end, 6), each.opening, each.score)
            for each, end in zip(begins, ends, strict=True)
        ]
