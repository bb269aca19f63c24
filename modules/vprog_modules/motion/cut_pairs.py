"""Pairs of frames that lie across a cut: what is measured between them is no motion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vprog.registry.call_context import CallContext
from vprog.types import Level, Span, Video
from vprog_modules.shots.picture_change import likeness
from vprog_modules.shots.shot_meter import UNLIKE, ShotMeter
from vprog_modules.shots.shot_rules import FLASH_FRAMES, FLASH_SECONDS, boundaries_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOSTLY_CHANGED = 0.25
"""Where more of the picture changed, and it is unlike, there may be a cut."""

SIDE = 320
AROUND = 0.3
MOST_SUSPECTS = 500


def may_be_cut(before: NDArray[np.uint8], grey: NDArray[np.uint8], changed: float) -> bool:
    """Whether there may be a cut between two frames, of which a share has changed."""
    return changed > MOSTLY_CHANGED and likeness(before, grey) < UNLIKE


def without_cuts(
    media: CallContext,
    video: Video,
    levels: Sequence[Level],
    suspects: Sequence[tuple[float, float]],
) -> list[Level]:
    """The levels less those measured across a cut; all frames between suspects are looked at."""
    cuts = [cut for pair in suspects[:MOST_SUSPECTS] for cut in _cuts(media, video, pair)]
    return [level for level in levels if all(abs(level.time - cut) > 1e-3 for cut in cuts)]


def _cuts(media: CallContext, video: Video, pair: tuple[float, float]) -> list[float]:
    """The middle of a pair of frames, if there is a cut between them."""
    since, until = pair
    near = media.frame_times(video.index, Span(max(0.0, since - AROUND), until + AROUND))
    meter = ShotMeter(flash_seconds=FLASH_SECONDS, flash_frames=FLASH_FRAMES)
    for time, pixels in media.frames(video.index, near.tolist(), max_side=SIDE):
        meter.push(time, pixels)
    found = boundaries_of(meter.measured)
    is_cut = any(
        change.opening == "cut" and since < change.time <= until + 1e-6 for change in found
    )
    return [(since + until) / 2] if is_cut else []
