"""`search_meaning`: which words of a video mean what others say."""

from __future__ import annotations

from typing import Annotated

from vprog.registry.task import task
from vprog.types import MAX_ITEMS, PHRASE, Match, Range, Speech, TextSpan


@task(looks=False, passes_on=("texts",))
def search_meaning(
    texts: list[Speech] | list[TextSpan] | list[Match],
    query: Annotated[str, PHRASE],
    *,
    count: Annotated[int, Range(1, MAX_ITEMS)] = 5,
) -> list[Match]:
    """Find what is said, written or captioned that means about the same as words, best first.

    Finds other words for the same thing ("car", "automobile"), where search_speech and
    search_text find the words themselves. Something is always nearest, and a "not" is not
    understood: read what was found before answering.

    Args:
        texts: what transcribe or find_text gave; or captions with their times, as
            Match(caption(frame).text, frame.time, frame.time, 1.0, "caption").
        query: what it should be about, e.g. "the price of the house".
        count: the most matches to give.

    Returns:
        Matches, best first: text is what is said there, of long speech the part that means it;
        start and end are its times. Score in [0, 1]: the cosine of the angle between the two
        meanings, 0 below it, times the score of the text; from 0.5 the subject is mostly the
        same. source: that of the text. Empty if there are no texts.

    Raises:
        ModuleInputError: the query holds no word.

    Example:
        >>> search_meaning(transcribe(video), "what the house costs")[0].text
        'they ask two hundred thousand for it'

    Source: N. Reimers and I. Gurevych, "Sentence-BERT", 2019; weights all-MiniLM-L6-v2,
    Apache-2.0.
    """
