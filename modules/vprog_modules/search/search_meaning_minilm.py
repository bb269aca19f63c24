"""`search_meaning` by MiniLM on onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from vprog.errors import ModuleInputError
from vprog.models.sentence_embedder import WEIGHTS, SentenceEmbedder, sentence_embedder
from vprog.registry.module import implements
from vprog.types import Match, Speech, TextSpan
from vprog_modules.search.wording import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PART_WORDS, STEP_WORDS = 40, 20
"""Longer speech is compared part by part: in one vector its subjects would be mixed, and of more
than about a hundred words the end would not be read."""

AT_ONCE = 64
MOST_KEPT = 20_000
"""Texts whose vectors are kept, 1.5 KB each: the next question is mostly about the same ones."""


class _Part(NamedTuple):
    """A text, or a part of one; `item` counts the texts."""

    text: str
    start: float
    end: float
    score: float
    source: str
    item: int


@implements(
    "search_meaning",
    needs=("onnxruntime", "tokenizers", "numpy"),
    extra="meaning",
    weights=(WEIGHTS,),
    memory_mb=60,
    rank=10,
    backend="MiniLM on onnxruntime",
)
class SearchMeaningMiniLM:
    """Compares sentence vectors; English."""

    def load(self, device: str) -> None:
        """Read the weights, or share those that are read already."""
        self._embedder = sentence_embedder() or SentenceEmbedder()
        self._kept: dict[str, NDArray[np.float32]] = {}

    def __call__(
        self,
        texts: list[Speech] | list[TextSpan] | list[Match],
        query: str,
        *,
        count: int = 5,
    ) -> list[Match]:
        if not terms(query):
            raise ModuleInputError(
                f'search_meaning(texts): expected at least one word to search for, got "{query}".',
                hint="Write what it should be about.",
            )
        items: Sequence[Speech | TextSpan | Match] = texts
        parts = [part for item, text in enumerate(items) for part in _parts(text, item)]
        if not parts:
            return []
        wanted = self._vectors([query])[0]
        likeness = self._vectors([part.text for part in parts]) @ wanted
        found: list[tuple[float, _Part]] = []
        for cosine, part in sorted(
            zip(likeness.tolist(), parts, strict=True), key=lambda pair: (-pair[0], pair[1].start)
        ):
            if not any(_overlap(part, other) for _, other in found):
                found.append((cosine, part))
            if len(found) == count:
                break
        matches = [
            Match(
                part.text,
                part.start,
                part.end,
                round(max(0.0, min(1.0, cosine)) * part.score, 3),
                part.source,
            )
            for cosine, part in found
        ]
        return sorted(matches, key=lambda match: (-match.score, match.start))

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One for each text, (n, D)."""
        import numpy as np

        new = list(dict.fromkeys(text for text in texts if text not in self._kept))
        if len(self._kept) + len(new) > MOST_KEPT:
            self._kept.clear()
            new = list(dict.fromkeys(texts))
        for first in range(0, len(new), AT_ONCE):
            batch = new[first : first + AT_ONCE]
            self._kept.update(zip(batch, self._embedder.embed(batch), strict=True))
        return np.stack([self._kept[text] for text in texts])


def _parts(text: Speech | TextSpan | Match, item: int) -> list[_Part]:
    """A text whole; long speech whose words have times in parts that overlap."""
    source = "text" if isinstance(text, TextSpan) else text.source
    words = text.words if isinstance(text, Speech) else []
    if len(words) <= PART_WORDS:
        return [_Part(text.text, text.start, text.end, text.score, source, item)]
    parts = []
    for first in range(0, len(words) - STEP_WORDS, STEP_WORDS):
        said = words[first : first + PART_WORDS]
        score = sum(word.score for word in said) / len(said)
        joined = " ".join(word.text for word in said)
        parts.append(_Part(joined, said[0].start, said[-1].end, score, source, item))
    return parts


def _overlap(part: _Part, other: _Part) -> bool:
    return part.item == other.item and part.start < other.end and other.start < part.end
