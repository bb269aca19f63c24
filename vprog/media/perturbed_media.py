"""A video as it would be with parts of it gone, or its pictures in another order.

What is gone is grey and silent, and has no subtitles; its length and its metadata stay. So any
module can be asked what it finds in what is left, without knowing of it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from vprog.media.audio import SAMPLE_RATE
from vprog.media.run_videos import MediaSource
from vprog.media.subtitles import Subtitle
from vprog.types.frame import Video
from vprog.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GREY = 128
"""Neither black nor white: modules that detect either do not find it."""

BLOCK_S = 1.0
"""Pictures are shuffled in blocks of this length: movement stays movement. A video that is not
longer keeps its order."""

SEED = 20
"""Of the order of the pictures, where nobody names another."""

_BEFORE_S = 1e-3
"""Less than any picture is shown."""

_TOLERANCE_S = 1e-6


@dataclass(frozen=True)
class Perturbation:
    """What is done to the videos of a run.

    Attributes:
        shown: for each video what stays of it; None for all of all.
        hidden: for each video what goes; None for nothing.
        seed: of the order of the pictures; None where they keep theirs.
        is_reversed: whether the last picture comes first.
        is_still: whether the picture in the middle stands throughout, without a sound.
    """

    shown: tuple[tuple[Span, ...], ...] | None = None
    hidden: tuple[tuple[Span, ...], ...] | None = None
    seed: int | None = None
    is_reversed: bool = False
    is_still: bool = False

    def is_there(self, video: int, time: float) -> bool:
        """Whether a moment of a video is left."""
        if self.shown is not None and not _within(self.shown[video], time):
            return False
        return self.hidden is None or not _within(self.hidden[video], time)

    def gone(self, video: Video) -> list[tuple[float, float]]:
        """The spans of a video that are not left, in order; those in which it is silent."""
        if self.is_still:
            return [(0.0, video.duration)]
        ends = {0.0, video.duration}
        for spans in (self.shown, self.hidden):
            for span in spans[video.index] if spans is not None else ():
                ends |= {min(max(0.0, end), video.duration) for end in span}
        return [
            (start, end)
            for start, end in pairwise(sorted(ends))
            if not self.is_there(video.index, (start + end) / 2)
        ]


def as_shown(source: MediaSource, shown: str) -> MediaSource:
    """A source as the setting `shown` has it: see vprog.settings.Settings."""
    match shown:
        case "none":
            nothing: tuple[tuple[Span, ...], ...] = tuple(() for _ in source.videos)
            return PerturbedMedia(source, Perturbation(shown=nothing))
        case "still":
            return PerturbedMedia(source, Perturbation(is_still=True))
        case "shuffled":
            return PerturbedMedia(source, Perturbation(seed=SEED))
        case "reversed":
            return PerturbedMedia(source, Perturbation(is_reversed=True))
        case "beginning":
            return PerturbedMedia(source, Perturbation(shown=_thirds(source, 0, 1)))
        case "ends":
            return PerturbedMedia(source, Perturbation(hidden=_thirds(source, 1, 2)))
    return source


def _thirds(source: MediaSource, first: int, last: int) -> tuple[tuple[Span, ...], ...]:
    """From one third to another of what is looked at of each video."""
    parts = [_looked_at(source, video) for video in source.videos]
    lengths = [(end - start) / 3 for start, end in parts]
    return tuple(
        (Span(start + first * third, start + last * third),)
        for (start, _), third in zip(parts, lengths, strict=True)
    )


def _looked_at(source: MediaSource, video: Video) -> tuple[float, float]:
    """From when to when a video is looked at: pictures change places within that."""
    if source.window is None:
        return 0.0, video.duration
    return max(0.0, source.window.start), min(source.window.end, video.duration)


class PerturbedMedia(MediaSource):
    """The videos of another source, perturbed. Closing it closes them."""

    def __init__(self, source: MediaSource, perturbation: Perturbation) -> None:
        super().__init__(source.files, source.window)
        self._perturbation = perturbation
        self._orders = [
            _order(end - start, perturbation.seed) if perturbation.seed is not None else []
            for start, end in (_looked_at(self, video) for video in self.videos)
        ]
        self._sizes: dict[tuple[int, int | None], tuple[int, ...]] = {}

    def file_hash(self, video: int) -> str:
        """Another for every perturbation: their results are no results of the video."""
        text = f"{super().file_hash(video)}:{self._perturbation!r}"
        return hashlib.sha256(text.encode()).hexdigest()

    def frames(
        self,
        video: int,
        times: Sequence[float],
        *,
        max_side: int | None = None,
        on_decoded: Callable[[], None] | None = None,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """As of the source, with what is gone in grey."""
        there = [time for time in times if self._perturbation.is_there(video, time)]
        left = super().frames(
            video,
            [self._moved(video, time) for time in there],
            max_side=max_side,
            on_decoded=on_decoded,
            on_degraded=on_degraded,
        )
        for time in times:
            if self._perturbation.is_there(video, time):
                yield float(time), next(left)[1]
            else:
                yield float(time), self._grey(video, max_side)

    def sound(
        self,
        video: int,
        span: Span | None = None,
        *,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> NDArray[np.float32]:
        """As of the source, with what is gone silent."""
        start, _ = self._ends(video, span)
        sound = super().sound(video, span, track=track, on_degraded=on_degraded)
        return self._silenced(video, start, sound)

    def sound_blocks(
        self,
        video: int,
        span: Span | None = None,
        *,
        seconds: float = 30.0,
        track: int = 0,
        on_degraded: Callable[[], None] | None = None,
    ) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """As of the source, with what is gone silent."""
        blocks = super().sound_blocks(
            video, span, seconds=seconds, track=track, on_degraded=on_degraded
        )
        for start, block in blocks:
            yield start, self._silenced(video, start, block)

    def subtitles(self, video: int, *, track: int = 0) -> list[Subtitle]:
        """The subtitles whose middle is left."""
        if self._perturbation.is_still:
            return []
        return [
            subtitle
            for subtitle in super().subtitles(video, track=track)
            if self._perturbation.is_there(video, (subtitle.start + subtitle.end) / 2)
        ]

    def _whole(
        self,
        video: int,
        time: float,
        limit: int | None,
        on_decoded: Callable[[], None] | None,
        on_degraded: Callable[[], None] | None,
        is_lent: bool,
    ) -> NDArray[np.uint8]:
        if not self._perturbation.is_there(video, time):
            return self._grey(video, limit)
        moved = self._moved(video, time)
        return super()._whole(video, moved, limit, on_decoded, on_degraded, is_lent)

    def _moved(self, video: int, time: float) -> float:
        """The time whose picture is shown at a time."""
        start, end = _looked_at(self, self.videos[video])
        if self._perturbation.is_still:
            return (start + end) / 2
        if self._perturbation.is_reversed:
            # The picture that is shown from a time on is the one that was shown up to it.
            return min(max(start, start + end - time - _BEFORE_S), end)
        order = self._orders[video]
        if not order:
            return time
        block = min(len(order) - 1, max(0, int((time - start) / BLOCK_S)))
        moved = start + order[block] * BLOCK_S + (time - start - block * BLOCK_S)
        return min(max(start, moved), end)

    def _grey(self, video: int, limit: int | None) -> NDArray[np.uint8]:
        import numpy as np

        key = (video, limit)
        if key not in self._sizes:  # a picture as the reader scales it tells the size
            self._sizes[key] = super()._whole(video, 0.0, limit, None, None, is_lent=True).shape
        return np.full(self._sizes[key], GREY, np.uint8)

    def _silenced(
        self, video: int, start: float, samples: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        silenced = samples.copy()
        offset = round(start * SAMPLE_RATE)  # samples are counted from the start of the file
        for gone_from, gone_to in self._perturbation.gone(self.videos[video]):
            first = max(0, round(gone_from * SAMPLE_RATE) - offset)
            last = max(0, round(gone_to * SAMPLE_RATE) - offset)
            silenced[first:last] = 0.0
        return silenced


def _within(spans: Sequence[Span], time: float) -> bool:
    return any(span.start - _TOLERANCE_S <= time <= span.end + _TOLERANCE_S for span in spans)


def _order(duration: float, seed: int) -> list[int]:
    """For each block the block whose pictures it shows; none stays where two or more are."""
    n_blocks = max(1, int(-(-duration // BLOCK_S)))
    shuffled = list(range(n_blocks))
    random.Random(seed).shuffle(shuffled)
    order = [0] * n_blocks
    for here, there in zip(shuffled, [*shuffled[1:], *shuffled[:1]], strict=True):
        order[here] = there
    return order
