"""`search_frames`, whichever model encodes."""

from __future__ import annotations

from vprog.types import Match, Span, Video
from vprog_modules.retrieval.diversity import pick
from vprog_modules.retrieval.frame_index import RetrievalModule, match_of

MOST_CANDIDATES = 2000
"""Frames among which those that differ are picked: the nearest ones."""


class FrameSearch(RetrievalModule):
    """`search_frames`."""

    def __call__(
        self,
        video: Video,
        query: str,
        *,
        count: int = 8,
        span: Span | None = None,
        fps: float = 1.0,
        diversity: float = 0.3,
    ) -> list[Match]:
        import numpy as np

        frames, words = self._look("search_frames", video, query, span, fps)
        scores = frames.vectors.scores(frames.rows, words)
        nearest = np.sort(np.argsort(-scores, kind="stable")[:MOST_CANDIDATES])
        vectors = frames.vectors.read(frames.rows[nearest])
        picked = nearest[pick(vectors, scores[nearest], count, diversity)]
        times = frames.times
        return [match_of(query, times[at], times[at], scores[at], "frames") for at in picked]
