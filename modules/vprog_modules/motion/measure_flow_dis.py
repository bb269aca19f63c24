"""`measure_flow` by dense inverse search of OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from vprog.registry.call_context import CallContext, current
from vprog.registry.module import implements
from vprog.types import Box, Frame, Level, Span, Video
from vprog_modules.frames.sampling import even_times, pooled, sampling_span
from vprog_modules.motion.cut_pairs import may_be_cut, without_cuts
from vprog_modules.shots.picture_change import changed_mask, grey_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flow = NDArray[np.float32]

SIDE = 480
"""Pixels of the longer side of what is compared: enough for means, and quick."""


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
        media = current()
        times = even_times(sampling_span("measure_flow", media, video, span), fps)
        suspects: list[tuple[float, float]] = []
        levels = list(_levels(media, video, times, along, region, suspects))
        return pooled(without_cuts(media, video, levels, suspects), len(times))


def _levels(
    media: CallContext,
    video: Video,
    times: list[float],
    along: str,
    region: Box | None,
    suspects: list[tuple[float, float]],
) -> Iterator[Level]:
    """The mean velocity from each frame to the next; what may lie across a cut to `suspects`."""
    import cv2

    whole = media.video(video.index)
    # The media refuse a region outside the picture, and cut one that reaches over its edge.
    area = media.area(Frame(video.index, times[0], region))
    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    before, since = None, 0.0
    for time, pixels in media.frames(video.index, times, max_side=SIDE):
        grey = grey_of(pixels)
        if before is not None:
            if may_be_cut(before, grey, float(changed_mask(before, grey).mean())):
                suspects.append((since, time))
            # Over the whole picture, so that what enters the region is followed from outside.
            flow: Flow = search.calc(before, grey, None)  # (H, W, 2): right, down
            scale = (whole.width / grey.shape[1], whole.height / grey.shape[0])
            value = _mean(flow, area, scale, along) / (time - since)
            yield Level(round((since + time) / 2, 6), round(value, 2))
        before, since = grey, time


def _mean(flow: Flow, area: Box, scale: tuple[float, float], along: str) -> float:
    """The mean of a flow within a box, in pixels of the displayed picture.

    Args:
        scale: how many pixels of the displayed picture one of the flow is, across and down.
    """
    import numpy as np

    height, width = flow.shape[:2]
    # At least one pixel, however small the box.
    x0 = min(int(area.x0 / scale[0]), width - 1)
    y0 = min(int(area.y0 / scale[1]), height - 1)
    x1 = max(x0 + 1, round(area.x1 / scale[0]))
    y1 = max(y0 + 1, round(area.y1 / scale[1]))
    moved = flow[y0:y1, x0:x1].astype(np.float64) * scale
    if along == "speed":
        return float(np.hypot(moved[..., 0], moved[..., 1]).mean())
    return float(moved[..., 0 if along == "right" else 1].mean())
