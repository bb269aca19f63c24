"""Means of optical flow from one sampled frame to the next, whatever computes the flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from vprog.registry.call_context import CallContext, current
from vprog.types import Box, Frame, Level, Span, Video
from vprog_modules.frames.sampling import even_times, pooled, sampling_span
from vprog_modules.motion.cut_pairs import may_be_cut, without_cuts
from vprog_modules.shots.picture_change import changed_mask, grey_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flow = NDArray[np.float32]  # (H, W, 2): pixels to the right, and down
    Picture = NDArray[np.uint8]  # (H, W, 3) RGB

SIDE = 480
"""Pixels of the longer side of what is compared: enough for means, and quick."""


def flow_levels(
    video: Video,
    along: str,
    region: Box | None,
    span: Span | None,
    fps: float,
    flows: Callable[[Sequence[Picture]], Sequence[Flow]],
    *,
    at_once: int = 1,
) -> list[Level]:
    """What `measure_flow` gives.

    Args:
        flows: gives the flow of each of some successive pictures to the next.
        at_once: how many flows it is asked for together.
    """
    media = current()
    times = even_times(sampling_span("measure_flow", media, video, span), fps)
    # The media refuse a region outside the picture, and cut one that reaches over its edge.
    area = media.area(Frame(video.index, times[0], region))
    suspects: list[tuple[float, float]] = []
    levels: list[Level] = []
    for run in _runs(media.frames(video.index, times, max_side=SIDE), at_once):
        # Over the whole picture, so that what enters the region is followed from outside.
        computed = flows([pixels for _, pixels in run])
        for ((since, before), (time, pixels)), flow in zip(pairwise(run), computed, strict=True):
            if _may_be_cut(before, pixels):
                suspects.append((since, time))
            value = _mean(flow, area, _scale(media, video, flow), along) / (time - since)
            levels.append(Level(round((since + time) / 2, 6), round(value, 2)))
    return pooled(without_cuts(media, video, levels, suspects), len(times))


def _runs(
    frames: Iterator[tuple[float, Picture]], at_once: int
) -> Iterator[list[tuple[float, Picture]]]:
    """Runs of frames with so many pairs of successive ones; each begins where the last ended."""
    run: list[tuple[float, Picture]] = []
    for frame in frames:
        run.append(frame)
        if len(run) > at_once:
            yield run
            run = run[-1:]
    if len(run) > 1:
        yield run


def _may_be_cut(before: Picture, after: Picture) -> bool:
    greys = grey_of(before), grey_of(after)
    return may_be_cut(*greys, float(changed_mask(*greys).mean()))


def _scale(media: CallContext, video: Video, flow: Flow) -> tuple[float, float]:
    """How many pixels of the displayed picture one of a flow is, across and down."""
    whole = media.video(video.index)
    return whole.width / flow.shape[1], whole.height / flow.shape[0]


def _mean(flow: Flow, area: Box, scale: tuple[float, float], along: str) -> float:
    """The mean of a flow within a box, in pixels of the displayed picture."""
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
