"""The frames of a video as vectors: from the index on disk, and into it what is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.types import Match, Span, Video
from vprog_modules.frames.sampling import SamplingSpan, even_times, sampling_span
from vprog_modules.retrieval.embedding_index import EmbeddingIndex
from vprog_modules.retrieval.picture_text_encoder import PictureTextEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST_ROWS = 200_000
"""Frames of one index: 55 hours at one a second, 0.2 GB of 512 numbers each."""

MAX_SIDE = 448
"""Pixels: twice what the usual encoders see of the shorter side of a wide picture."""


class IndexedFrames(NamedTuple):
    """Rows of an index that hold the frames of a span, and their times, both (n,)."""

    vectors: EmbeddingIndex
    rows: NDArray[np.int64]
    times: NDArray[np.float64]
    sampling: SamplingSpan


class RetrievalModule:
    """What searches a video's frames by words; holds the encoder between `load` and `unload`."""

    _encoder: PictureTextEncoder

    def unload(self) -> None:
        """Let the model go."""
        self._encoder.close()

    def _look(
        self, task: str, video: Video, query: str, span: Span | None, fps: float
    ) -> tuple[IndexedFrames, Floats]:
        """The frames of a span, and the vector of the query, (D,)."""
        if not query.strip():
            raise ModuleInputError(
                f"{task}(query): must say what to see, got blanks.", hint="Write a phrase."
            )
        words = self._encoder.words(query)
        return indexed_frames(task, current(), video, span, fps, self._encoder), words


def match_of(query: str, start: float, end: float, score: float, source: str) -> Match:
    """A match in seconds to the microsecond; its score is a cosine, 0 below it."""
    score = round(min(1.0, max(0.0, float(score))), 4)
    return Match(query, round(float(start), 6), round(float(end), 6), score, source)


def indexed_frames(
    task: str,
    media: CallContext,
    video: Video,
    span: Span | None,
    fps: float,
    encoder: PictureTextEncoder,
) -> IndexedFrames:
    """The frames of a span at a rate, each with its vector.

    The rows of an index are the frames of the whole file at that rate, so that every span of it
    fills the same one.

    Raises:
        NoVideoStreamError: the file has no picture.
        ModuleInputError: the span lies outside the video, or there would be too many frames.
    """
    import numpy as np

    whole = sampling_span(task, media, video, None)
    part = sampling_span(task, media, video, span)
    n_frames = min(whole.length * fps + 1, len(whole.times))
    if n_frames > MOST_ROWS:
        raise ModuleInputError(
            f"{task}(video): expected at most {MOST_ROWS} frames in the whole video, "
            f"got {n_frames:.0f}.",
            hint=f"Use fps={MOST_ROWS / whole.length:.3f} or lower.",
        )
    grid = np.array(even_times(whole, fps))
    rows = np.flatnonzero((grid >= part.times[0]) & (grid <= part.times[-1]))
    key = [media.content_hash(video.index), encoder.name, f"{fps:g} fps, {MAX_SIDE} pixels"]
    folder = media.cache_dir
    if not len(rows):  # a span between two frames of the grid
        grid, folder = np.array(even_times(part, fps)), None
        rows = np.arange(len(grid))
    index = EmbeddingIndex(
        key, len(grid), encoder.n_columns, folder=folder, max_mb=media.cache_max_mb
    )
    missing = index.missing(rows)
    _fill(media, video, encoder, index, missing, grid)
    if index.trouble:
        media.warn(index.trouble)
    for row in np.setdiff1d(rows, missing):
        media.note_picture(video.index, float(grid[row]))
    return IndexedFrames(index, rows, grid[rows], part)


def _fill(
    media: CallContext,
    video: Video,
    encoder: PictureTextEncoder,
    index: EmbeddingIndex,
    rows: NDArray[np.int64],
    grid: NDArray[np.float64],
) -> None:
    """Encode what is missing, a batch of pictures at a time; each batch is kept at once."""
    if not len(rows):
        return
    pictures: list[NDArray[np.uint8]] = []
    n_kept = 0
    for _, pixels in media.frames(video.index, grid[rows].tolist(), max_side=MAX_SIDE):
        pictures.append(pixels)
        if len(pictures) == encoder.batch_size or n_kept + len(pictures) == len(rows):
            batch = rows[n_kept : n_kept + len(pictures)]
            index.write(batch, encoder.pictures(pictures))
            n_kept += len(pictures)
            pictures = []
