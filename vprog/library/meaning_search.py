"""Moments by what is meant: vectors of what is said and written, beside the search of words.

Vectors lie in the index, in a plain table, and are compared all at once by numpy: of 20,000, what
200 files of ten minutes have, a first question took 0.2 s and a next one 16 ms; usearch answered in
0.7 ms and took 73 s to write them, and sqlite-vec cannot be loaded where Python's SQLite takes no
extensions (benchmarks/vector_search.py). Negation is not seen by such vectors, and they are of
English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vprog.library.index_file import IndexFile, MomentHit, words_of_question
from vprog.models.sentence_embedder import DIMENSIONS, SentenceEmbedder
from vprog.program.allowed_syntax import words

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_LIKENESS = 0.2
"""Of 16 pairs of a question and a sentence of its subject 12 have more, of 320 others 7; see
tests/library/test_meaning_search.py."""

_AT_ONCE = 32
_ASKED = "someone says something about {}"
"""A statement is nearer to a statement than to a bare noun."""
_OF_TALKING = words(
    "anybody anyone clip clips discuss discussed discusses every file files find mention mentioned"
    " mentions moment moments people person show shows somebody someone something speak speaks"
    " spoken talk talked talking talks they"
)


def embed_missing(index: IndexFile, embedder: SentenceEmbedder, tell: Callable[[str], None]) -> int:
    """Give a vector to every piece of speech and line of text that lacks one; how many did.

    Each batch is one transaction: whatever is killed goes on where it was.
    """
    import numpy as np

    lacking = index.without_vectors()
    for first in range(0, len(lacking), _AT_ONCE):
        batch = lacking[first : first + _AT_ONCE]
        if first % (8 * _AT_ONCE) == 0 and len(lacking) > 8 * _AT_ONCE:
            tell(f"meaning: {first} of {len(lacking)} texts")
        # One by one: 11 ms of processor each; together, padded to the longest, 15.
        vectors = [embedder.embed([text])[0].astype(np.float16).tobytes() for _, text in batch]
        index.keep_vectors(
            [(*moment, vector) for moment, vector in zip(batch, vectors, strict=True)]
        )
    return len(lacking)


def search_meaning(
    question: str, count: int, index: IndexFile, embedder: SentenceEmbedder
) -> list[MomentHit]:
    """The moments whose meaning is nearest to what a question is about, best first.

    Scores are likenesses in [`LEAST_LIKENESS`, 1]: how near, not how sure.
    """
    import numpy as np

    about = [word for word in words_of_question(question) if word not in _OF_TALKING]
    rows = index.vectors()
    if not about or not rows:
        return []
    joined = b"".join(vector for _, vector in rows)
    matrix = np.frombuffer(joined, np.float16).reshape(-1, DIMENSIONS).astype(np.float32)
    likeness = matrix @ embedder.embed([_ASKED.format(" ".join(about))])[0]
    best = sorted(np.flatnonzero(likeness >= LEAST_LIKENESS), key=lambda at: (-likeness[at], at))
    scores = {rows[at][0]: round(float(likeness[at]), 3) for at in best}
    return index.moments_of_rows(scores, count)
