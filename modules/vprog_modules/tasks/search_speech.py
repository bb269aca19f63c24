"""`search_speech`: where words are said."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import MAX_ITEMS, PHRASE, Match, Range, Speech


@task(looks=False, passes_on=("speech",))
def search_speech(
    speech: list[Speech],
    query: Annotated[str, PHRASE],
    *,
    count: Annotated[int, Range(1, MAX_ITEMS)] = 10,
) -> list[Match]:
    """Find where words are said, by the words themselves.

    Capitals, accents, punctuation, endings ("walks", "walked") and the way numbers are written
    do not matter; synonyms are not found. Give the words you expect to be said, not a
    question.

    Args:
        speech: what transcribe gave.
        query: one or more words, e.g. "your country".
        count: the most matches to give.

    Returns:
        Matches, best first: the words as a phrase, then texts with all of the words,
        then with some. text: the whole of what is said there; start and end: those of
        the matching words, or of the subtitle where word times are not known. Score in
        [0, 1]: 1 for a phrase, 0.8 for all words apart, less for some of them, times
        the score of the words as heard. source: that of the speech. Empty if none of
        the words is said.

    Raises:
        ModuleInputError: the query holds no word.

    Example:
        >>> search_speech(transcribe(video), "your country")[0].start
        5.61
    """
