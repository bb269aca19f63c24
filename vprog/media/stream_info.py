"""What one pass over a container's packets found: demux.py fills it, index.py reads it.

Times here are the file's own, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from vprog.media.joined_clock import Clock
from vprog.media.track_list import TrackInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TRIES = 100
"""So many packets that do not decode, or errors of the demuxer, end the attempt."""

MAX_LEAD = 0.1
"""Sound that begins no more than so many seconds before the picture begins with it: encoders
start some packets early."""


@dataclass(frozen=True)
class DamagedPlace:
    """A place at which a file holds less than it says, or what does not decode.

    Attributes:
        kind: "cut short", "unreadable", "doubtful times", "lost pictures", "damaged pictures" or
            "lost sound".
        start: seconds on the file's clock (see `MediaIndex.origin`).
        end: likewise; `start` where nothing says how much is missing.
    """

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class FormatFacts:
    """How the pixels of a picture are stored."""

    pixel_format: str
    bit_depth: int
    hdr: str
    """The transfer function, "PQ" or "HLG"; "" if the picture is not of high dynamic range."""
    is_interlaced: bool
    has_alpha: bool
    pixel_aspect: Fraction
    """The width of a coded pixel over its height, as displayed."""


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
    format: FormatFacts


@dataclass
class SoundInfo:
    """An audio stream that decodes."""

    number: int
    track: int
    codec: str
    sample_rate: int
    channels: int
    start: float = 0.0
    end: float = 0.0
    lead: int = 0
    """With edits that are left: ticks before second 0, by which places to jump to are stated
    later."""
    jumps: tuple[tuple[float, int], ...] = ()
    """With a clock: times, a second or more apart, and the bytes at which their packets stand."""


@dataclass
class StreamInfo:
    """What one pass over the packets found."""

    container: str = ""
    size: int = 0
    """Bytes of the file."""
    matter_end: int = 0
    """The byte at which tags begin that stand behind bare sound; else the size."""
    title: str = ""
    created: str = ""
    picture: PictureInfo | None = None
    sounds: list[SoundInfo] = field(default_factory=list)
    """Those that decode; the default one first."""
    tracks: list[TrackInfo] = field(default_factory=list)
    chapters: list[tuple[str, float, float]] = field(default_factory=list)
    times: NDArray[np.float64] = field(init=False)
    """Of the frames, from the first one."""
    keyframes: NDArray[np.bool_] = field(init=False)
    first_pts: int = 0
    by_count: bool = False
    has_leading: bool = False
    n_stated: int = 0
    rate: float = 0.0
    video_start: float = 0.0
    video_end: float = 0.0
    text_streams: dict[int, int] = field(default_factory=dict)
    clock: Clock | None = None
    """What its stamps were moved by, where they start anew."""
    places: NDArray[np.int64] | None = None
    """With a clock: the byte of the file at which each frame's packet stands."""
    unread: float = 0.0
    """The share of the file's pictures or sound that is known not to be read, in [0, 1]."""
    damage: list[DamagedPlace] = field(default_factory=list)
    """Where the file is known to be damaged before any frame is asked for."""
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def sound_start(self) -> float:
        """When the first sound begins."""
        return min((sound.start for sound in self.sounds), default=0.0)

    @property
    def sound_end(self) -> float:
        """When the last sound ends."""
        return max((sound.end for sound in self.sounds), default=0.0)

    @property
    def origin(self) -> float:
        """Second 0: the first picture, or the sound where that begins well before it."""
        if self.picture is None:
            return self.sound_start
        if self.sounds and self.sound_start < self.video_start - MAX_LEAD:
            return self.sound_start
        return self.video_start

    @property
    def end(self) -> float:
        """When the last picture goes and the last sound ends."""
        ends = [self.video_end] if self.picture is not None else []
        return max([*ends, *(sound.end for sound in self.sounds)], default=0.0)

    def lose(self, text: str, share: float) -> None:
        """Warn of what of the file is not read, and how much of its pictures or sound that is."""
        if text not in self.warnings:
            self.warnings.append(text)
        self.unread = max(self.unread, min(1.0, max(0.0, share)))

    def reason(self) -> str:
        """Why nothing could be decoded."""
        return self.failures[0] if self.failures else "it holds no picture and no sound"
