"""Runs of a curve that stand out."""

from __future__ import annotations

import numpy as np
import pytest

from vprog_modules.retrieval.event_search import runs_above, smoothed, threshold_of


def test_smoothed_is_the_mean_of_the_neighbours() -> None:
    values = np.array([0.0, 0.0, 3.0, 0.0, 6.0])
    assert smoothed(values, 3).tolist() == [0.0, 1.0, 1.0, 3.0, 3.0]
    assert smoothed(values, 1).tolist() == values.tolist()
    assert smoothed(values, 0).tolist() == values.tolist()


def test_threshold_parts_two_heaps_in_the_middle() -> None:
    assert threshold_of(np.array([0.1, 0.9, 0.1, 0.8, 0.2])) == pytest.approx(0.5)


def test_threshold_is_the_one_that_divides_best_for_the_sizes() -> None:
    values = np.array([0.0, 1.0, 2.0, 10.0, 12.0])
    # Between-class sums for each cut: 1*4*6.25^2, 2*3*7.5^2, 3*2*10^2, 4*1*8.75^2.
    assert threshold_of(values) == pytest.approx(6.0)


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.3, 0.30001]])
def test_threshold_of_a_flat_curve_is_none(values: list[float]) -> None:
    assert threshold_of(np.array(values)) is None


def test_runs_above_lie_between_first_and_last_exclusive() -> None:
    values = np.array([0.9, 0.1, 0.8, 0.9, 0.2, 0.7])
    assert runs_above(values, 0.5) == [(0, 1), (2, 4), (5, 6)]
    assert runs_above(values, 2.0) == []
