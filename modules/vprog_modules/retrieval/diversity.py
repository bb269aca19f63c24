"""Picks items that are near to a query and unlike each other.

Greedy MAP inference for a determinantal point process: L. Chen, G. Zhang and H. Zhou, "Fast greedy
MAP inference for determinantal point process to improve recommendation diversity", 2018; its
trade-off (section 4): maximise t * sum of relevances + (1 - t) * log det of the likenesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_LEAST_GAIN = 1e-10
"""Below it an item is, but for rounding, a mixture of those that were picked."""


def pick(vectors: Floats, scores: Floats, count: int, diversity: float) -> list[int]:
    """Which items to give, best score first.

    Args:
        vectors: of length 1, (N, D); the likeness of two is (1 + their dot product) / 2.
        scores: how near each is to the query, (N,), on any scale.
        count: the most items.
        diversity: 1 - t above: 0 takes the best scores alone, 1 goes by likeness alone, beginning
            with the best.
    """
    import numpy as np

    count = min(count, len(scores))
    best_first = np.argsort(-scores, kind="stable")
    if diversity <= 0.0 or count == len(scores):
        return [int(row) for row in best_first[:count]]
    spread = float(scores.max() - scores.min())
    relevance = (scores - scores.min()) / spread if spread > 0 else np.zeros_like(scores)
    trade = min(0.5 * (1.0 - diversity) / diversity, 300.0)  # exp(2 * 300) is still a number
    weight = np.exp(trade * (relevance.astype(np.float64) - 1.0))  # at most 1
    gains = weight**2  # the diagonal of the kernel: likeness to itself is 1
    factors = np.zeros((count, len(scores)))  # rows of the Cholesky factor
    picked: list[int] = []
    row = int(best_first[0])
    while True:
        picked.append(row)
        at = len(picked)
        if at == count:
            break
        kernel = weight[row] * weight * (1.0 + vectors @ vectors[row]) / 2.0
        factor = (kernel - factors[: at - 1, row] @ factors[: at - 1]) / np.sqrt(gains[row])
        factors[at - 1] = factor
        gains = gains - factor**2
        gains[picked] = -np.inf
        row = int(np.argmax(gains))
        if gains[row] < _LEAST_GAIN * weight[row] ** 2:
            break  # what is left adds nothing new
    rest = (int(other) for other in best_first if int(other) not in set(picked))
    picked += [next(rest) for _ in range(count - len(picked))]
    return sorted(picked, key=lambda row: (-float(scores[row]), row))
