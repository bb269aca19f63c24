"""How near texts are to a question, by the words they share. No model, no data files."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

_COMMON_WORDS = (
    "a an and are as at be by can do does did for from has have how i if in is it its of on or "
    "that the their them then there they this to was were what when where which who will with "
    "video clip"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "y", "e")


class WordIndex:
    """Texts to be ranked; a word counts the more, the fewer texts have it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._words = [Counter(stems_of(text)) for text in texts]
        spread = Counter(word for words in self._words for word in words)
        self._weight = {word: math.log(1 + len(texts) / count) for word, count in spread.items()}

    def scores(self, query: str) -> list[float]:
        """For each text, how much of the query's weight it covers; in [0, 1]."""
        wanted = {word: self._weight[word] for word in set(stems_of(query)) if word in self._weight}
        whole = sum(wanted.values())
        if not whole:
            return [0.0] * len(self._words)
        return [
            sum(weight for word, weight in wanted.items() if word in words) / whole
            for words in self._words
        ]

    def ranked(self, query: str) -> list[int]:
        """Indices of the texts, nearest first; equals stay in their order."""
        scores = self.scores(query)
        return sorted(range(len(scores)), key=lambda at: -scores[at])


def rank_by_words(query: str, texts: Sequence[str]) -> list[int]:
    """Indices of the texts, nearest to the query first; equals stay in their order."""
    return WordIndex(texts).ranked(query)


def stems_of(text: str) -> list[str]:
    """The words of a text in lower case without their endings; common ones left out."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [_stem(word) for word in words if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
