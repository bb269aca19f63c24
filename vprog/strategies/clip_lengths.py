"""How long the clips are that a video is described by: as short as the budget lets them be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

LENGTHS = (1.0, 8.0, 64.0)
"""Seconds; after the last one, each is double the one before.

Source: SiLVR (2025): captions of clips of 1, 8 or 64 s.
"""

CAPTION_TOKENS = 60
"""About what one caption of one or two sentences has, with its times."""


def clip_lengths(duration: float, first: Sequence[float] = LENGTHS) -> Iterator[float]:
    """Lengths of clips to choose from, shortest first; the last is at least the video's.

    Args:
        duration: of the video, in seconds.
        first: the lengths to begin with; at least one.
    """
    length = first[0]
    for length in first:
        yield length
        if length >= duration:
            return
    while length < duration:
        length *= 2
        yield length


def n_clips(duration: float, length: float) -> int:
    """Of how many clips of a length a video is; at least one."""
    return max(1, math.ceil(duration / length))


def shared_length(duration: float, length: float) -> float:
    """How long each clip is where a video is parted evenly: at most the length asked for."""
    return duration / n_clips(duration, length)
