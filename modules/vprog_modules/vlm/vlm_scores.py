"""From token probabilities to a score, and from a reply to the option that it names.

A score is the probability that the model gave to its reply: of a letter (or of yes and
no) its whole probability in all spellings, so that what it spent on other beginnings counts
against it; of free text exp of the mean log-probability of its tokens. Scores are no
probabilities of being right until `vprog calibrate` has fitted a map.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from vprog.llm.language_model import Token

UNSCORED = 0.5
"""Where a server gives no token probabilities: it says nothing either way."""

SAID_SHARE = 0.95
"""What a model's own word on how sure it is counts for: models say "100" lightly."""


def mean_score(logprobs: Sequence[float]) -> float:
    """exp of the mean log-probability; 0 for no token."""
    if not logprobs:
        return 0.0
    return min(1.0, math.exp(math.fsum(logprobs) / len(logprobs)))


def head_length(tokens: Sequence[str], text: str, head: str) -> int:
    """How many tokens of a reply make up its start.

    Args:
        tokens: the text of each.
        text: the reply.
        head: its start; all of it where nothing was taken off its end.
    """
    if len(head) == len(text):
        return len(tokens)
    length = n_tokens = 0
    for token in tokens:
        if length >= len(head):
            break
        length += len(token)
        n_tokens += 1
    return n_tokens


def option_in(text: str, options: Sequence[str], choices: Sequence[str] = ()) -> int | None:
    """The index of the option that a reply names; None if it names none, or several.

    The option alone counts first ("B", "(b).", "Yes"), then the text of a choice, then an
    option that stands by itself in a longer reply ("The answer is B.").
    """
    text = text.strip()
    word = re.sub(r"^[\W_]+|[\W_]+$", "", text)
    if (index := _index(word, options)) is not None:
        return index
    known = [_plain(choice) for choice in choices]
    without_letter = re.sub(r"^\W*[A-Za-z]\s*[).:]\s*", "", text)
    for candidate in (_plain(text), _plain(without_letter)):
        if known.count(candidate) == 1:
            return known.index(candidate)
    leading = re.match(r"\W*(\w+)\s*[).:,\n]", text)
    if leading and (index := _index(leading.group(1), options)) is not None:
        return index
    named = {
        index
        for word in re.findall(r"\b\w+\b", text)
        if (index := _exact(word, options)) is not None
    }
    return named.pop() if len(named) == 1 else None


def option_score(tokens: Sequence[Token], option: str) -> float | None:
    """The probability of an option where the reply names it; None if no token is the option."""
    for token in tokens:
        if _word(token.text) != option.casefold():
            continue
        spelled = dict(token.top)
        spelled.setdefault(token.text, token.logprob)
        mass = math.fsum(
            math.exp(logprob)
            for text, logprob in spelled.items()
            if _word(text) == option.casefold()
        )
        return min(1.0, mass)
    return None


def _word(token: str) -> str:
    return re.sub(r"[\W_]+", "", token).casefold()


def _plain(text: str) -> str:
    return " ".join(text.split()).strip().strip(".").casefold()


def _index(word: str, options: Sequence[str]) -> int | None:
    folded = [option.casefold() for option in options]
    return folded.index(word.casefold()) if word.casefold() in folded else None


def _exact(word: str, options: Sequence[str]) -> int | None:
    """An option inside a sentence: of letters only the capital ("a" is an article, and so
    is "I" a pronoun: but a reply that says I is no reply to a question with nine choices).
    """
    if len(options) and len(options[0]) == 1:
        return options.index(word) if word in options else None
    return _index(word, options)
