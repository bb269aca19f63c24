"""A rising map from scores to the share of right answers, fitted by pooling adjacent violators.

Pure, a few dozen lines: no dependency is worth them. Each pool counts half a right and half
a wrong answer more than it saw, so that no handful of answers makes anything certain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rising:
    """Knots of a map; between them it is a straight line, above the last that one's value.

    Below the first knot it falls straight to 0: of scores so low nothing was seen, and a low score
    (most of the file could not be read) must not come out as sure.
    """

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, score: float) -> float:
        """The fitted probability that an answer with this score is right."""
        at = bisect_right(self.scores, score)
        if at == 0:
            return self.values[0] * max(0.0, score) / self.scores[0]
        if at == len(self.scores):
            return self.values[-1]
        left, right = self.scores[at - 1], self.scores[at]
        part = (score - left) / (right - left)
        return self.values[at - 1] + part * (self.values[at] - self.values[at - 1])


@dataclass
class _Pool:
    n: float
    right: float
    score: float
    """Mean score of the pool."""

    @property
    def value(self) -> float:
        return self.right / self.n


def fit_rising(scores: Sequence[float], rights: Sequence[bool]) -> Rising:
    """The rising map nearest to what was seen, by least squares.

    Args:
        scores: of answers.
        rights: whether each was right.

    Raises:
        ValueError: there is no answer.

    Source: isotonic regression by pooling adjacent violators (Ayer et al., 1955).
    """
    if not scores:
        raise ValueError("fit_rising: there must be at least one answer.")
    pools = [
        _Pool(1.0, float(right), score)
        for score, right in sorted(zip(scores, rights, strict=True), key=lambda pair: pair[0])
    ]
    seen = _pooled(_same_scores(pools))
    cautious = [_Pool(pool.n, pool.n * (pool.right + 0.5) / (pool.n + 1.0), pool.score)
                for pool in seen]  # fmt: skip
    final = _pooled(cautious)
    knots = [(pool.score, pool.value) for pool in final]
    if pools[0].score < knots[0][0]:  # a pool lies at its mean; its lowest score was seen too
        knots.insert(0, (pools[0].score, knots[0][1]))
    return Rising(tuple(score for score, _ in knots), tuple(value for _, value in knots))


def _same_scores(pools: Sequence[_Pool]) -> list[_Pool]:
    """Answers of one score are one pool: a map gives them one value."""
    distinct: list[_Pool] = []
    for pool in pools:
        if distinct and distinct[-1].score == pool.score:
            distinct[-1] = _joined(distinct[-1], pool)
        else:
            distinct.append(pool)
    return distinct


def _pooled(pools: Sequence[_Pool]) -> list[_Pool]:
    rising: list[_Pool] = []
    for pool in pools:
        rising.append(pool)
        while len(rising) > 1 and rising[-2].value >= rising[-1].value:
            last = rising.pop()
            rising[-1] = _joined(rising[-1], last)
    return rising


def _joined(one: _Pool, other: _Pool) -> _Pool:
    n = one.n + other.n
    return _Pool(n, one.right + other.right, (one.score * one.n + other.score * other.n) / n)
