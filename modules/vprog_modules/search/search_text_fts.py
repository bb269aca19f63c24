"""`search_text`: where words are written in the picture."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog.types import Match, TextSpan
from vprog_modules.search.word_search import SearchText, find_words


@implements("search_text", rank=10, backend="SQLite FTS5, word search", version="2")
class SearchTextFts:
    """Looks the words up in what was read; forgives a misread letter."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        lines: list[TextSpan],
        query: str,
        *,
        count: int = 10,
        nearest: bool = False,
    ) -> list[Match]:
        texts = [
            SearchText(each.text, each.start, each.end, each.score, "text")
            for each in sorted(lines, key=lambda each: (each.start, each.end))
        ]
        return find_words(
            texts, query, count, "search_text(lines)", may_be_misread=True, nearest=nearest
        )
