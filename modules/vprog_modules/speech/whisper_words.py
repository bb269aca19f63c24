"""Words as Whisper models write them made into ours, whichever package runs the model.

A. Radford et al., "Robust speech recognition via large-scale weak supervision", 2022.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from vprog.types import Word
from vprog_modules.search.wording import TENS, UNITS

LEAST_LOG_PROBABILITY, MOST_NO_SPEECH = -1.0, 0.6
"""What the model itself doubts, by the mean over its tokens and by its own guess that nobody
speaks, is left out."""

MOST_COMPRESSION = 2.4
"""A text that can be compressed further is one thing again and again: section 4.5 of the paper."""

SHARE_RIGHT = 0.4
"""The power of the model's probability that is about the share of such words that are right,
fitted to tiny.en: of 138 words of clear speech 5 of 6 with a probability of 0.5 to 0.6, and all
from 0.75."""

LEAST_WORD_S = 0.1
"""Times of the model may coincide; a word takes at least this long."""

_MARKS = ' \t\n.,;:!?"\u201c\u201d\u2026()[]-\u2013\u2014\u3002\uff0c\uff1f\uff01\u3001'


class RawWord(NamedTuple):
    """A word as the model wrote it, with its space, and its times in the sound it was given.

    `probability`: the mean of those of its tokens.
    """

    text: str
    start: float
    end: float
    probability: float


def is_doubted(text: str, log_probability: float) -> bool:
    """Whether the model was at a loss: it says so, or wrote the same again and again."""
    raw = text.encode()
    is_repetition = len(raw) > MOST_COMPRESSION * len(zlib.compress(raw))
    return log_probability < LEAST_LOG_PROBABILITY or is_repetition


def clean_words(raw_words: Iterable[RawWord], start: float) -> list[Word]:
    """Words with case as written, without marks around them.

    Whole numbers up to a hundred in letters; scores fitted to the share of such words that are
    right; the rest of a word ("cold-hearted") joined to its beginning.

    Args:
        raw_words: in order of time.
        start: the time of the first sample of the sound.
    """
    words: list[Word] = []
    for raw in raw_words:
        text = raw.text.strip(_MARKS)
        if not text:
            continue
        begin = round(start + raw.start, 2)
        end = round(max(start + raw.end, begin + LEAST_WORD_S), 2)
        score = round(min(1.0, max(0.0, raw.probability)) ** SHARE_RIGHT, 3)
        if words and not raw.text.startswith(" ") and text.isascii():
            first = words.pop()
            text = f"{first.text}{raw.text.rstrip(_MARKS)}"
            begin, score = first.start, min(first.score, score)
        words.append(Word(_in_letters(text), begin, end, score))
    return words


def _in_letters(text: str) -> str:
    """ "ten" for "10": as it is said, where there is one way to say it."""
    if not text.isascii() or not text.isdigit() or int(text) > 100 or text != str(int(text)):
        return text
    number = int(text)
    if number == 100:
        return "hundred"
    spelled = {value: word for word, value in (UNITS | TENS).items()}
    if number in spelled:
        return spelled[number]
    return f"{spelled[number - number % 10]}-{spelled[number % 10]}"
