"""What one pass over a container's packets found: demux.py fills it, index.py reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TRIES = 100
"""So many packets that do not decode, or errors of the demuxer, end the attempt."""


@dataclass
class PictureInfo:
    """The chosen video stream, once its first frame was decoded."""

    number: int
    codec: str
    width: int
    height: int
    rotation: int
    mirrored: bool
    time_base: Fraction


@dataclass
class SoundInfo:
    """The chosen audio stream, once its first frame was decoded."""

    number: int
    codec: str
    sample_rate: int
    channels: int


@dataclass
class StreamInfo:
    """What one pass over the packets found. Times here are the file's own, in seconds."""

    container: str = ""
    title: str = ""
    picture: PictureInfo | None = None
    sound: SoundInfo | None = None
    times: NDArray[np.float64] = field(init=False)
    keyframes: NDArray[np.bool_] = field(init=False)
    first_pts: int = 0
    by_count: bool = False
    has_leading: bool = False
    n_stated: int = 0
    rate: float = 0.0
    origin: float = 0.0
    video_end: float = 0.0
    audio_start: float = 0.0
    audio_end: float = 0.0
    text_streams: tuple[int, ...] = ()
    n_subtitle_streams: int = 0
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def reason(self) -> str:
        """Why nothing could be decoded."""
        return self.failures[0] if self.failures else "it holds no picture and no sound"
