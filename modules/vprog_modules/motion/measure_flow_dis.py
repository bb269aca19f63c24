"""`measure_flow` by dense inverse search of OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from vprog.registry.module import implements
from vprog.types import Box, Level, Span, Video
from vprog_modules.motion.flow_levels import flow_levels
from vprog_modules.shots.picture_change import grey_of

if TYPE_CHECKING:
    from vprog_modules.motion.flow_levels import Flow, Picture


@implements(
    "measure_flow",
    needs=("cv2",),
    extra="offline",
    rank=10,
    backend="dense optical flow (OpenCV DIS)",
)
class MeasureFlowDis:
    """Compares successive sampled frames pixel by pixel."""

    def load(self, device: str) -> None:
        """Import OpenCV."""
        import cv2

        cv2.setUseOptimized(True)

    def __call__(
        self,
        video: Video,
        along: Literal["speed", "right", "down"] = "speed",
        *,
        region: Box | None = None,
        span: Span | None = None,
        fps: float = 10.0,
    ) -> list[Level]:
        """
        Source: T. Kroeger et al., "Fast optical flow using dense inverse search", 2016; code of
        OpenCV (Apache-2.0); no weights.
        """
        return flow_levels(video, along, region, span, fps, _flows)


def _flows(pictures: Sequence[Picture]) -> list[Flow]:
    import cv2

    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    greys = [grey_of(picture) for picture in pictures]
    return [search.calc(before, after, None) for before, after in pairwise(greys)]
