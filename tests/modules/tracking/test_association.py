"""The cheapest assignment."""

from __future__ import annotations

import itertools
import random

import pytest

from vprog_modules.tracking.association import IMPOSSIBLE, assign


@pytest.mark.parametrize(
    ("costs", "pairs"),
    [
        ([], []),
        ([[]], []),
        ([[1.0]], [(0, 0)]),
        ([[1.0, 2.0], [1.0, 9.0]], [(0, 1), (1, 0)]),
        ([[4.0, 1.0, 3.0], [2.0, 0.0, 5.0], [3.0, 2.0, 2.0]], [(0, 1), (1, 0), (2, 2)]),
        ([[5.0], [1.0], [3.0]], [(1, 0)]),
        ([[IMPOSSIBLE, 1.0], [IMPOSSIBLE, 2.0]], [(0, 1)]),
        ([[IMPOSSIBLE]], []),
    ],
)
def test_assign_gives(costs: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert assign(costs) == pairs


def test_assign_is_as_cheap_as_trying_everything() -> None:
    rng = random.Random(5)
    for _ in range(60):
        rows, columns = rng.randint(1, 5), rng.randint(1, 5)
        costs = [[rng.randint(0, 20) * 1.0 for _ in range(columns)] for _ in range(rows)]
        n = min(rows, columns)
        best = min(
            sum(costs[row][column] for row, column in zip(chosen, order, strict=True))
            for chosen in itertools.combinations(range(rows), n)
            for order in itertools.permutations(range(columns), n)
        )
        pairs = assign(costs)
        assert len(pairs) == n
        assert sum(costs[row][column] for row, column in pairs) == best
