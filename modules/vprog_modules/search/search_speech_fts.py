"""`search_speech`: where words are said."""

from __future__ import annotations

from vprog.registry.module import implements
from vprog.types import Match, Speech
from vprog_modules.search.word_search import SearchText, SearchWord, find_words


@implements("search_speech", rank=10, backend="SQLite FTS5, word search", version="2")
class SearchSpeechFts:
    """Looks the words up in what was transcribed; understands no meaning."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def __call__(
        self,
        speech: list[Speech],
        query: str,
        *,
        count: int = 10,
    ) -> list[Match]:
        texts = [_text(each) for each in sorted(speech, key=lambda each: (each.start, each.end))]
        return find_words(texts, query, count, "search_speech(speech)")


def _text(speech: Speech) -> SearchText:
    words = [SearchWord(word.start, word.end, word.score) for word in speech.words]
    if len(words) != len(speech.text.split()):
        words = []  # times that cannot be told apart are not used
    return SearchText(
        speech.text, speech.start, speech.end, speech.score, speech.source, words, continues=True
    )
