"""Where one shot ends and the next begins: what is measured of each frame.

Frames come in one after another as small colour pictures ("thumbs"); the last three
seconds of them are kept, and a few numbers for each frame of the whole video. What the
numbers mean is decided in shot_rules.py.
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from vprog_modules.frames.brightness import is_black, luma_of
from vprog_modules.shots.picture_change import likeness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Thumb = NDArray[np.float32]  # (24, 40, 3) in [0, 1]

WIDTH, HEIGHT = 40, 24
KEPT_SECONDS = 3.0

JUMP = 0.3
"""Jumps under this are motion; two unrelated pictures are about 1 apart."""

UNLIKE = 0.65
DIM = 0.15
"""The light (red, green and blue together) under which a pixel has no hue."""

RECOLOURED = 0.2
"""From this difference of hues on all of a nearly flat picture has another colour."""

PLAIN_CONTRAST, FLAT_APART = 0.02, 0.1
"""How far, in the mean of all channels, a plain colour must be from what it dissolves into: such
pictures have no contrast that a jump could be measured in."""

DISSOLVE_SECONDS = (0.3, 0.5, 0.8, 1.2, 1.7, 2.4)
PLAIN, BLACK, WHITE = 0, 1, 2


class Mixture(NamedTuple):
    """A span whose frames mix its two ends; `middle` is where these are in balance.

    `residual` is what the mixture does not explain, `distance` how far the ends are apart.
    """

    start: float
    end: float
    middle: float
    residual: float
    distance: float


@dataclass
class Measured:
    """Numbers for each frame, and the dissolves seen."""

    times: array[float] = field(default_factory=lambda: array("d"))
    jumps: array[float] = field(default_factory=lambda: array("f"))
    likenesses: array[float] = field(default_factory=lambda: array("f"))
    recolourings: array[float] = field(default_factory=lambda: array("f"))
    comes_back: array[int] = field(default_factory=lambda: array("b"))
    lights: array[float] = field(default_factory=lambda: array("f"))
    contrasts: array[float] = field(default_factory=lambda: array("f"))
    blanks: array[int] = field(default_factory=lambda: array("b"))
    mixtures: list[Mixture] = field(default_factory=list)


class _Kept(NamedTuple):
    number: int
    time: float
    thumb: Thumb
    grey: Thumb
    contrast: float
    blank: int


class ShotMeter:
    """Takes the frames of a video in order; `measured` holds what came of them.

    A picture that comes back within `flash_seconds`, or `flash_frames`, was hidden by a flash.
    """

    def __init__(self, *, flash_seconds: float, flash_frames: int) -> None:
        self.measured = Measured()
        self._flash_seconds, self._flash_frames = flash_seconds, flash_frames
        self._kept: deque[_Kept] = deque()
        self._waiting: list[_Pending] = []

    def push(self, time: float, pixels: NDArray[np.uint8]) -> None:
        """The next frame."""
        now = self._take(time, pixels)
        numbers = self.measured
        before = self._kept[-1] if self._kept else None
        numbers.times.append(time)
        numbers.lights.append(float(now.grey.mean()) / 255)
        numbers.contrasts.append(now.contrast)
        numbers.blanks.append(now.blank)
        numbers.comes_back.append(0)
        if before is None:
            numbers.jumps.append(0.0)
            numbers.likenesses.append(1.0)
            numbers.recolourings.append(0.0)
        else:
            numbers.jumps.append(_jump(before, now))
            numbers.likenesses.append(_likeness(before, now))
            numbers.recolourings.append(_recolouring(before.thumb, now.thumb))
        self._look_back(now)
        self._kept.append(now)
        while self._kept[0].time < time - KEPT_SECONDS:
            self._kept.popleft()
        self._find_mixture(now)

    def _take(self, time: float, pixels: NDArray[np.uint8]) -> _Kept:
        import cv2
        import numpy as np

        small = np.asarray(
            cv2.resize(pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
        )
        luma = luma_of(pixels)
        blank = PLAIN
        if is_black(pixels, luma):
            blank = BLACK
        elif luma.mean() > 0.92 and (luma > 0.88).mean() > 0.95:
            blank = WHITE
        grey = np.asarray(luma_of(small) * 255, np.float32)
        return _Kept(
            len(self.measured.times),
            time,
            np.asarray(small / np.float32(255), np.float32),
            grey,
            float(grey.std()) / 255,
            blank,
        )

    def _look_back(self, now: _Kept) -> None:
        """Mark the jumps after which the picture has come back by now."""
        numbers = self.measured
        self._waiting = [
            candidate
            for candidate in self._waiting
            if now.time - candidate.time <= self._flash_seconds
            or now.number - candidate.number <= self._flash_frames
        ]
        for candidate in self._waiting:
            if _jump(candidate.before, now) < 0.4 * numbers.jumps[candidate.number] and (
                _likeness(candidate.before, now) > UNLIKE
            ):
                numbers.comes_back[candidate.number] = 1
                numbers.comes_back[now.number] = 1
        if self._kept and numbers.jumps[now.number] > JUMP:
            self._waiting.append(_Pending(now.number, now.time, self._kept[-1]))

    def _find_mixture(self, now: _Kept) -> None:
        if now.blank:
            return
        best: Mixture | None = None
        for seconds in DISSOLVE_SECONDS:
            if self._kept[0].time > now.time - seconds + 0.1:
                break
            run = [frame for frame in self._kept if frame.time >= now.time - seconds - 1e-6]
            found = _mixture(run) if len(run) >= 5 else None
            if found and (best is None or found.distance > best.distance):
                best = found
        if best:
            self.measured.mixtures.append(best)


class _Pending(NamedTuple):
    number: int
    time: float
    before: _Kept


def _jump(a: _Kept, b: _Kept) -> float:
    """How far two pictures are apart, in units of their contrast."""
    import numpy as np

    return float(np.abs(a.thumb - b.thumb).mean()) / ((a.contrast + b.contrast) / 2 + 0.08)


def _likeness(a: _Kept, b: _Kept) -> float:
    """Correlation of structure; 0 where a flat picture is involved, unless both are one."""
    if a.contrast < 0.01 and b.contrast < 0.01:
        import numpy as np

        return 1.0 if float(np.abs(a.thumb - b.thumb).mean()) < 0.03 else 0.0
    return likeness(a.grey, b.grey)


def _recolouring(a: Thumb, b: Thumb) -> float:
    """How far the hues of two pictures are apart, light left out; 2 at most.

    The mean distance of the shares of red, green and blue; what is dark has no hue.
    """
    import numpy as np

    hues_a = a / np.maximum(a.sum(axis=-1), DIM)[..., None]
    hues_b = b / np.maximum(b.sum(axis=-1), DIM)[..., None]
    has_hue = np.minimum(a.sum(axis=-1), b.sum(axis=-1)) >= DIM
    return float((np.abs(hues_a - hues_b).sum(axis=-1) * has_hue).mean())


def _mixture(run: list[_Kept]) -> Mixture | None:
    """Whether each picture of a run mixes its first and its last, ever more of the last."""
    import numpy as np

    first, last = run[0], run[-1]
    if first.blank:
        return None
    is_flat = min(first.contrast, last.contrast) < PLAIN_CONTRAST
    if is_flat and float(np.abs(first.thumb - last.thumb).mean()) < FLAT_APART:
        return None
    if max(first.contrast, last.contrast) < PLAIN_CONTRAST and (
        _recolouring(first.thumb, last.thumb) < RECOLOURED
    ):
        return None  # one plain colour grows lighter or darker: a fade
    if _jump(first, last) < JUMP or _likeness(first, last) > UNLIKE:
        return None
    step = max(1, (len(run) - 1) // 12)
    inner = run[step:-1:step]
    way = (last.thumb - first.thumb).ravel()
    length = float(way @ way)
    gone = (
        np.stack([candidate.thumb.ravel() for candidate in inner]) - first.thumb.ravel()
    )  # (n, P)
    shares = gone @ way / length
    residuals = np.sqrt(((gone - shares[:, None] * way) ** 2).sum(axis=1) / length)
    steps = np.diff(np.concatenate([[0.0], shares, [1.0]]))
    if residuals.max() > 0.3 or steps.min() < -0.04 or steps.max() > 0.45:
        return None
    if not ((shares > 0.2) & (shares < 0.8)).sum() >= 2:
        return None
    times = [first.time, *(frame.time for frame in inner), last.time]
    middle = float(np.interp(0.5, np.concatenate([[0.0], shares, [1.0]]), times))
    return Mixture(first.time, last.time, middle, float(residuals.mean()), length**0.5)
