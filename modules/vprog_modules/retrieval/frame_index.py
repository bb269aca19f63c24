"""The frames of a video as vectors: from the index on disk, and into it what is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vprog.errors import ModuleInputError
from vprog.registry.call_context import CallContext, current
from vprog.registry.still_pictures import is_still, small_look
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


GROUP = 4
"""Every so many frames one is a keyframe, which those after it may be like; ours.

Source: ResidualViT (2025) encodes every (N + 1)-th frame whole, and of those between what moves,
with a trained token for the rest. Without training, a frame has the vector of its keyframe where
it hardly differs, and its own where it does.
"""


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
    key = [
        media.content_hash(video.index),
        encoder.name,
        f"{fps:g} fps, {MAX_SIDE} pixels, {GROUP}",
    ]
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
    """Encode what is missing, a batch of pictures at a time; each batch is kept at once.

    The first row of each GROUP is its keyframe; rows that look like it have its vector. Which do
    is the same whatever was asked before: a keyframe is looked at wherever it is needed.
    """
    import numpy as np

    if not len(rows):
        return
    waiting = FrameBatch(encoder, index)
    wanted = set(rows.tolist())
    shown = np.union1d(rows, rows - rows % GROUP)
    keyframe, look = -1, None
    pictures = media.frames(video.index, grid[shown].tolist(), max_side=MAX_SIDE)
    for row, (_, pixels) in zip(shown.tolist(), pictures, strict=False):
        if row % GROUP == 0:
            keyframe, look, picture = row, small_look(pixels), pixels
            if row in wanted:
                waiting.encode(row, pixels)
        elif look is not None and is_still(look, small_look(pixels)):
            if keyframe not in wanted and len(index.missing(np.array([keyframe]))):
                waiting.encode(keyframe, picture)
                wanted.add(keyframe)
            waiting.repeat(row, keyframe)
        else:
            waiting.encode(row, pixels)
    waiting.flush()


class FrameBatch:
    """Pictures that wait to be encoded, and rows that will have the vector of one of them."""

    def __init__(self, encoder: PictureTextEncoder, index: EmbeddingIndex) -> None:
        self._encoder, self._index = encoder, index
        self._pictures: dict[int, NDArray[np.uint8]] = {}
        self._repeats: list[tuple[int, int]] = []

    def encode(self, row: int, pixels: NDArray[np.uint8]) -> None:
        """Give a row the vector of its own picture."""
        self._pictures[row] = pixels
        if len(self._pictures) == self._encoder.batch_size:
            self.flush()

    def repeat(self, row: int, keyframe: int) -> None:
        """Give a row the vector of its keyframe."""
        self._repeats.append((row, keyframe))

    def flush(self) -> None:
        """Encode what waits, and keep all of it."""
        import numpy as np

        if self._pictures:
            vectors = self._encoder.pictures(list(self._pictures.values()))
            self._index.write(np.array(list(self._pictures)), vectors)
            self._pictures = {}
        for row, keyframe in self._repeats:
            self._index.write(np.array([row]), self._index.read(np.array([keyframe])))
        self._repeats = []
