"""`ground_event`, whichever model encodes: runs of a curve of cosines that stand out.

The curve is smoothed by a running mean and divided in two by the threshold of N. Otsu, "A threshold
selection method from gray-level histograms", 1979: the one whose two classes have means that lie
farthest apart for their sizes. It is exact here: every value is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.types import Match, Span, Video
from vprog_modules.retrieval.frame_index import RetrievalModule, match_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FLAT = 1e-4
"""A curve of cosines that varies by less says nothing: half precision rounds by as much."""


class EventSearch(RetrievalModule):
    """`ground_event`."""

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        span: Span | None = None,
        fps: float = 2.0,
        smooth: float = 2.0,
        count: int = 5,
    ) -> list[Match]:
        frames, words = self._look("ground_event", video, query, span, fps)
        scores = frames.vectors.scores(frames.rows, words)
        curve = smoothed(scores.astype("float64"), round(smooth * fps))
        threshold = threshold_of(curve)
        if threshold is None:
            return []
        events = []
        for first, last in runs_above(curve, threshold):
            is_last = last == len(frames.times)
            end = frames.sampling.end if is_last else float(frames.times[last])
            score = float(scores[first:last].mean())
            events.append(match_of(query, frames.times[first], end, score, "events"))
        return sorted(events, key=lambda event: (-event.score, event.start))[:count]


def smoothed(values: Floats, width: int) -> Floats:
    """The mean of each value and its neighbours, `width` in all; fewer at the ends."""
    import numpy as np

    before = (max(1, width) - 1) // 2
    after = max(1, width) - 1 - before
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    first, last = np.maximum(at - before, 0), np.minimum(at + after + 1, len(values))
    return np.asarray((sums[last] - sums[first]) / (last - first))


def threshold_of(values: Floats) -> float | None:
    """Otsu's threshold: the upper class lies above it; None where all values are alike."""
    import numpy as np

    ordered = np.sort(values)
    if len(ordered) < 2 or ordered[-1] - ordered[0] < _FLAT:
        return None
    n_low = np.arange(1, len(ordered))
    sums = np.cumsum(ordered)
    low = sums[:-1] / n_low
    high = (sums[-1] - sums[:-1]) / (len(ordered) - n_low)
    between = n_low * (len(ordered) - n_low) * (high - low) ** 2
    at = int(np.argmax(between))
    return float(ordered[at] + ordered[at + 1]) / 2


def runs_above(values: Floats, threshold: float) -> list[tuple[int, int]]:
    """From which value to which (exclusive) a curve lies above a threshold, in order."""
    import numpy as np

    marks = np.concatenate([[False], values > threshold, [False]])
    edges = np.flatnonzero(marks[1:] != marks[:-1])
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]
