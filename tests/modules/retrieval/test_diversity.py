"""Items near to a query and unlike each other, against cases worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vprog_modules.retrieval.diversity import pick

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
DOUBLES = np.array([EAST, EAST, NORTH], np.float32)
"""Two that are the same, and one that is not."""
SCORES = np.array([0.9, 0.8, 0.5], np.float32)


def test_pick_without_diversity_is_the_order_of_scores() -> None:
    assert pick(DOUBLES, SCORES, 2, 0.0) == [0, 1]


def test_pick_with_diversity_takes_no_double() -> None:
    assert pick(DOUBLES, SCORES, 2, 0.5) == [0, 2]


def test_pick_gives_all_that_was_asked_for_even_doubles_and_best_first() -> None:
    assert pick(np.array([EAST, EAST, EAST], np.float32), SCORES[::-1].copy(), 2, 1.0) == [2, 1]


@pytest.mark.parametrize("diversity", [0.3, 0.6, 1.0])
def test_pick_is_greedy_over_the_determinant_of_the_kernel(diversity: float) -> None:
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(7, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = rng.random(7).astype(np.float32)
    relevance = (scores - scores.min()) / (scores.max() - scores.min())
    weight = np.exp(0.5 * (1 - diversity) / diversity * (relevance - 1.0))
    kernel = weight[:, None] * weight * (1.0 + vectors @ vectors.T) / 2.0
    wanted: list[int] = [int(np.argmax(scores))]
    while len(wanted) < 4:  # the plain way: a determinant for each that could come next
        wanted.append(
            max(
                (row for row in range(7) if row not in wanted),
                key=lambda row: np.linalg.det(kernel[np.ix_([*wanted, row], [*wanted, row])]),
            )
        )
    assert sorted(pick(vectors, scores, 4, diversity)) == sorted(wanted)


def test_pick_of_pairs_is_the_best_pair_where_greed_does_not_matter() -> None:
    vectors = np.array([EAST, (0.96, 0.28), (0.6, 0.8)], np.float32)
    scores = np.array([1.0, 1.0, 1.0], np.float32)
    kernel = (1 + vectors @ vectors.T) / 2
    best = max(
        itertools.combinations(range(3), 2),
        key=lambda pair: np.linalg.det(kernel[np.ix_(pair, pair)]),
    )
    assert tuple(pick(vectors, scores, 2, 1.0)) == best == (0, 2)


def test_pick_of_few_gives_them_all() -> None:
    assert pick(DOUBLES, SCORES, 9, 0.5) == [0, 1, 2]
