"""`search_text`: where words are written in the picture."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import MAX_ITEMS, PHRASE, Match, Range, TextSpan


@task(looks=False, passes_on=("lines",))
def search_text(
    lines: list[TextSpan],
    query: Annotated[str, PHRASE],
    *,
    count: Annotated[int, Range(1, MAX_ITEMS)] = 10,
    nearest: bool = False,
) -> list[Match]:
    """Find which lines of text in the picture hold words, and when they stand there.

    Capitals, accents, punctuation and endings ("exit", "exits") do not matter; a number
    matches as a whole. Letters that may be misread ("Possword") are found with a lower
    score. Give the words you expect to be written, not a question.

    Args:
        lines: what find_text gave.
        query: one or more words, e.g. "exit".
        count: the most matches to give.
        nearest: if no line holds the words, give the line that is most like them, with a
            score below 0.2: it is no match, but shows what was read instead.

    Returns:
        Matches, best first: the words as a phrase, then lines with all of the words,
        lines with nearly the same letters, then with some of the words; the earlier first
        among equals. text: the whole line; start and
        end: while it stands in the picture. Score in [0, 1]: 1 for a phrase, 0.8 for
        all words apart, at most 0.6 for nearly the same letters or some of the words,
        times the score of the line as read.
        source: "text". Empty if none of the words is there.

    Raises:
        ModuleInputError: the query holds no word.

    Example:
        >>> search_text(find_text(video), "copyright")[0].start
        1.17
    """
