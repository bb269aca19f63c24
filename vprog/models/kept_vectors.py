"""Vectors of sentences that are known ahead, kept in a file: made once, read at every start.

Each is kept in steps of 1/127 of its largest number, one for each different sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from vprog.models.sentence_embedder import DIMENSIONS, WEIGHTS, SentenceEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 64


def keep_vectors(file: Path, sentences: Sequence[str]) -> None:
    """Write the vectors of sentences; those of like length are embedded together."""
    import numpy as np

    texts = tuple(dict.fromkeys(sentences))
    by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    embedder = SentenceEmbedder()
    vectors = np.zeros((len(texts), DIMENSIONS), np.int8)
    for start in range(0, len(texts), _BATCH):
        rows = by_length[start : start + _BATCH]
        near = embedder.embed([texts[row] for row in rows])
        scaled = near / np.abs(near).max(axis=1, keepdims=True) * 127
        vectors[rows] = scaled.round().astype(np.int8)
    np.savez_compressed(file, vectors=vectors, digest=_digest(texts))


def kept_vectors(
    file: Path | Traversable, sentences: Sequence[str], remedy: str
) -> NDArray[np.float32]:
    """The vectors of sentences, of length 1: (n, 384).

    Args:
        file: that `keep_vectors` wrote for the same sentences.
        sentences: the same, in the same order.
        remedy: what to run where it was written for others.

    Raises:
        RuntimeError: it is of other sentences, or of another model.
    """
    import numpy as np

    texts = tuple(dict.fromkeys(sentences))
    with file.open("rb") as opened:
        kept = np.load(opened)
        digest, vectors = str(kept["digest"]), kept["vectors"].astype(np.float32)
    if digest != _digest(texts):
        raise RuntimeError(f"{file.name} is not of the sentences as they are: run {remedy}")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    row_of = {text: row for row, text in enumerate(texts)}
    return np.asarray(vectors[[row_of[text] for text in sentences]], np.float32)


def _digest(texts: Sequence[str]) -> str:
    """Tells whether vectors were made of other texts, or by another model."""
    return hashlib.sha256("\n".join((WEIGHTS.sha256, *texts)).encode()).hexdigest()
