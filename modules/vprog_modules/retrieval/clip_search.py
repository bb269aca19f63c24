"""`search_clips`, whichever model encodes: the mean of each clip's frames against the words.

Clips begin every half of their length; what overlaps a better one is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vprog.types import Match, Span, Video
from vprog_modules.retrieval.diversity import pick
from vprog_modules.retrieval.frame_index import RetrievalModule, match_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST_CANDIDATES = 400
"""Clips among which those that differ are picked: the best ones."""


class ClipSearch(RetrievalModule):
    """`search_clips`."""

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        seconds: float = 8.0,
        count: int = 5,
        span: Span | None = None,
        fps: float = 1.0,
        diversity: float = 0.0,
    ) -> list[Match]:
        import numpy as np

        frames, words = self._look("search_clips", video, query, span, fps)
        times, part = frames.times, frames.sampling
        starts = np.arange(part.start, max(part.end, part.start + 1e-6), seconds / 2)
        firsts = times.searchsorted(starts - 1e-6)
        lasts = times.searchsorted(starts + seconds - 1e-6)
        clips: list[tuple[float, float]] = []
        means: list[Floats] = []
        for start, first, last in zip(starts.tolist(), firsts, lasts, strict=True):
            end = min(start + seconds, part.end)
            if first == last or (clips and end <= clips[-1][1]):
                continue  # no frame of its own, or nothing that the clip before has not
            mean = frames.vectors.read(frames.rows[first:last]).mean(axis=0)
            clips.append((start, end))
            means.append(mean / np.linalg.norm(mean))
        if not clips:  # a span between two frames of the grid
            clips, means = [(part.start, part.end)], [frames.vectors.read(frames.rows[:1])[0]]
        vectors = np.stack(means)
        scores = vectors @ words
        apart = best_apart(clips, scores, MOST_CANDIDATES)
        picked = pick(vectors[apart], scores[apart], count, diversity)
        return [match_of(query, *clips[apart[at]], scores[apart[at]], "clips") for at in picked]


def best_apart(clips: Sequence[tuple[float, float]], scores: Floats, most: int) -> list[int]:
    """Which clips, (start, end) in seconds, to give so that none overlaps a better one.

    Best first, at most so many.
    """
    import numpy as np

    apart: list[int] = []
    for at in np.argsort(-scores, kind="stable").tolist():
        if len(apart) == most:
            break
        if all(
            clips[at][1] <= clips[other][0] or clips[at][0] >= clips[other][1] for other in apart
        ):
            apart.append(at)
    return apart
