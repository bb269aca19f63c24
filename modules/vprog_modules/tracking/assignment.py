"""The cheapest one-to-one assignment of rows to columns (Hungarian method).

Source: H. W. Kuhn, "The Hungarian method for the assignment problem", 1955, in the form
with potentials and shortest augmenting paths, O(n^2 m).
"""

from __future__ import annotations

from collections.abc import Sequence

IMPOSSIBLE = 1.0e6
"""The cost of a pair that may not be made."""


def assign(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of least total cost; pairs at IMPOSSIBLE or above are left out.

    Args:
        costs: one row per thing to be assigned, all rows of one length.

    Returns:
        Pairs in order of rows.
    """
    n_rows = len(costs)
    n_columns = len(costs[0]) if n_rows else 0
    if not n_columns:
        return []
    if n_rows > n_columns:
        turned = assign([[row[at] for row in costs] for at in range(n_columns)])
        return sorted((row, column) for column, row in turned)
    row_of = _columns_taken(costs, n_rows, n_columns)
    pairs = [(row - 1, column - 1) for column, row in enumerate(row_of) if column and row]
    return sorted(pair for pair in pairs if costs[pair[0]][pair[1]] < IMPOSSIBLE)


def _columns_taken(costs: Sequence[Sequence[float]], n_rows: int, n_columns: int) -> list[int]:
    """For each column (from 1) the row (from 1) that it is given to, or 0."""
    row_price = [0.0] * (n_rows + 1)
    column_price = [0.0] * (n_columns + 1)
    row_of = [0] * (n_columns + 1)
    for row in range(1, n_rows + 1):
        row_of[0] = row
        slack = [float("inf")] * (n_columns + 1)
        came_from = [0] * (n_columns + 1)
        done = [False] * (n_columns + 1)
        at = 0
        while row_of[at]:
            done[at] = True
            here, step, following = row_of[at], float("inf"), 0
            for column in range(1, n_columns + 1):
                if done[column]:
                    continue
                cost = costs[here - 1][column - 1] - row_price[here] - column_price[column]
                if cost < slack[column]:
                    slack[column], came_from[column] = cost, at
                if slack[column] < step:
                    step, following = slack[column], column
            for column in range(n_columns + 1):
                if done[column]:
                    row_price[row_of[column]] += step
                    column_price[column] -= step
                else:
                    slack[column] -= step
            at = following
        while at:
            row_of[at] = row_of[came_from[at]]
            at = came_from[at]
    return row_of
