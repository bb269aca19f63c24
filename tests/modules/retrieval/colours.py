"""An encoder without a model: a picture is its mean colour, a word the colour that it names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.modules.scenes import Opened
from vprog.registry.call_context import CallContext
from vprog_modules.retrieval.frame_index import IndexedFrames, indexed_frames

NAMED = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}


class Colours:
    """See above; `n_pictures` counts what went through it."""

    name = "mean colour"
    n_columns = 3
    batch_size = 4

    def __init__(self, after_batch: Any = None) -> None:
        self.n_pictures = 0
        self._after_batch = after_batch

    def pictures(self, pictures: Sequence[Any]) -> Any:
        self.n_pictures += len(pictures)
        if self._after_batch is not None:
            self._after_batch()
        means = np.stack([picture.mean(axis=(0, 1)) for picture in pictures]) + 1.0
        return (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)

    def words(self, text: str) -> Any:
        return np.array(NAMED[text], np.float32)

    def close(self) -> None:
        pass


def frames_of(clip: Path, cache: Path | None, encoder: Colours, fps: float = 10.0) -> IndexedFrames:
    """The frames of a clip through an index in a folder."""
    with Opened(clip) as opened:
        source = opened.source
        context = CallContext(source, cache_dir=cache)
        return indexed_frames("search_frames", context, source.videos[0], None, fps, encoder)


if __name__ == "__main__":  # a process of its own, to be killed: a line after each batch
    frames_of(Path(sys.argv[1]), Path(sys.argv[2]), Colours(lambda: print("batch", flush=True)))
