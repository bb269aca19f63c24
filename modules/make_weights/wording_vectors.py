"""Makes vprog/rules/wording_vectors.npz: a vector for every wording that the reader knows.

    python modules/make_weights/wording_vectors.py

To be run when a wording of vprog/rules/kinds or vprog/rules/wordings has changed (a test says so);
it takes under a minute. Vectors are all-MiniLM-L6-v2's (Apache-2.0), in steps of 1/127.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vprog.models.sentence_embedder import DIMENSIONS, SentenceEmbedder
from vprog.rules import match_meaning

OUT = Path(match_meaning.__file__).with_name(match_meaning.VECTORS)
BATCH = 64


def main() -> None:
    """Embed the wordings, those of like length together, and write them."""
    shown = match_meaning.shown_wordings()
    texts = tuple(dict.fromkeys(shown))
    by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    embedder = SentenceEmbedder()
    vectors = np.zeros((len(texts), DIMENSIONS), np.int8)
    for start in range(0, len(texts), BATCH):
        rows = by_length[start : start + BATCH]
        near = embedder.embed([texts[row] for row in rows])
        scaled = near / np.abs(near).max(axis=1, keepdims=True) * 127
        vectors[rows] = scaled.round().astype(np.int8)
    np.savez_compressed(OUT, vectors=vectors, digest=match_meaning.digest_of(texts))
    print(f"{len(texts)} wordings, {OUT.stat().st_size / 1e6:.1f} MB: {OUT}")


if __name__ == "__main__":
    main()
