"""The course of entropy along a reply, from the likely tokens that a backend gives.

Source: Video Reasoning without Training (V-Reason, 2025): while a model reasons, the entropy of
its tokens rises to a peak and falls again; in models that answer better the peak is lower and
later, and the end is lower. There the value cache is steered after it, which needs the weights;
here it is measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.llm.language_model import Token

TOP = 10
"""Likely tokens that are asked for at each position; ours, within what all servers give."""

PARTS = 10
"""Of how many parts of a reply the mean is taken: single tokens jump; ours."""


@dataclass(frozen=True)
class EntropyCourse:
    """Entropies in nats, as means over parts of a reply.

    Attributes:
        parts: in the order of the reply.
    """

    parts: tuple[float, ...]

    @property
    def peak(self) -> float:
        return max(self.parts)

    @property
    def peak_at(self) -> float:
        """Where the peak is, as a share of the reply: the middle of its first highest part."""
        return (self.parts.index(self.peak) + 0.5) / len(self.parts)

    @property
    def final(self) -> float:
        return self.parts[-1]

    @property
    def settled(self) -> float:
        """How sure the end is, in (0, 1]: exp of its entropy below zero; 1 for no doubt at all."""
        return math.exp(-self.final)


def token_entropy(token: Token) -> float:
    """The entropy of one position in nats, at least: what is not listed counts as one token."""
    listed = dict(token.top)
    listed.setdefault(token.text, token.logprob)
    shares = [math.exp(min(0.0, logprob)) for logprob in listed.values()]
    total = math.fsum(shares)
    shares = [share / total for share in shares] if total > 1 else [*shares, 1.0 - total]
    return -math.fsum(share * math.log(share) for share in shares if share > 0)


def entropy_course(tokens: Sequence[Token]) -> EntropyCourse:
    """The course over all tokens of a reply.

    Raises:
        ValueError: there is no token.
    """
    if not tokens:
        raise ValueError("entropy_course: there must be at least one token.")
    entropies = [token_entropy(token) for token in tokens]
    n_parts = min(PARTS, len(entropies))
    ends = [len(entropies) * number // n_parts for number in range(n_parts + 1)]
    parts = [
        math.fsum(entropies[start:end]) / (end - start) for start, end in itertools.pairwise(ends)
    ]
    return EntropyCourse(tuple(parts))
