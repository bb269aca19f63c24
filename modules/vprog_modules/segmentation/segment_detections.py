"""`segment` by the detector and the segmenter that serve `detect` and `segment_at`."""

from __future__ import annotations

from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.types import Frame, Mask


@implements(
    "segment",
    asks=("detect", "segment_at"),
    parallel=True,
    backend="outlines of what `detect` finds",
)
class SegmentDetections:
    """A box for each thing, and the outline of what is in it."""

    def __call__(self, frame: Frame, label: str, *, min_score: float = 0.25) -> list[Mask]:
        """
        Returns:
            Masks, best first, each thing once; box in pixels of the whole frame, area in pixels
            of it; score: the lower of the detection's and the outline's. Empty if none is
            detected, which is weak evidence that there is none.
        """
        context = current()
        (detections,) = context.ask(
            "detect", [{"frame": frame, "label": label, "min_score": min_score}]
        )
        masks = context.ask(
            "segment_at",
            [{"frame": frame, "place": detection.box} for detection in detections],
        )
        scored = [
            mask._replace(score=min(mask.score, detection.score))
            for mask, detection in zip(masks, detections, strict=True)
        ]
        return sorted(scored, key=lambda mask: -mask.score)
