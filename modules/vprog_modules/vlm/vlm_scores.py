"""From token probabilities to a score.

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
