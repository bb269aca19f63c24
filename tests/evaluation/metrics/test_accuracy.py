"""Forms of accuracy by hand."""

from __future__ import annotations

import pytest

from vprog.evaluation.metrics import accuracy, accuracy_of_sets, mean_accuracy_of_groups


def test_accuracy_of_sets_needs_all_of_a_set() -> None:
    assert accuracy([True, True, True, False]) == 0.75
    assert accuracy_of_sets([True, True, True, False], ["q1", "q1", "q2", "q2"]) == 0.5


def test_mean_of_groups_is_not_the_mean_of_questions() -> None:
    right = {"count": [True], "order": [False, False, True]}
    assert mean_accuracy_of_groups(right) == pytest.approx((1 + 1 / 3) / 2)


def test_nothing_has_no_accuracy() -> None:
    with pytest.raises(ValueError, match="at least one question"):
        accuracy([])
    with pytest.raises(ValueError, match="at least one group"):
        mean_accuracy_of_groups({})
