"""Steps, orders and plans by hand."""

from __future__ import annotations

import pytest

from vprog.evaluation.metrics import (
    edit_distance,
    manipulation_score,
    mean_step_score,
    order_score,
    step_score,
    success_by_step,
)


def test_step_score_leaves_redundant_steps_out_of_the_precision() -> None:
    score = step_score(["matched", "matched", "wrong", "redundant"], [True, False, False, True])
    assert score == pytest.approx((2 / 3, 0.5, 2 * (2 / 3) * 0.5 / (2 / 3 + 0.5)))
    assert step_score(["redundant"], [False]) == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="at least one right step"):
        step_score(["matched"], [])


def test_manipulation_score_is_the_share_of_right_steps() -> None:
    half = ((0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 20.0))  # IoU 0.5
    third = ((0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 30.0))  # IoU 1 / 3, below 0.35
    assert manipulation_score(segments=[(2, {2, 3}), (5, {2, 3})], boxes=[half, third]) == 0.5
    assert manipulation_score(frames=[(8.0, (8.0, 9.0)), (9.1, (8.0, 9.0))], boxes=[half]) == (
        pytest.approx(2 / 3)
    )
    with pytest.raises(ValueError, match="at least one step"):
        manipulation_score()


def test_mean_step_score_has_the_f1_of_the_means() -> None:
    scores = [step_score(["matched"], [True]), step_score(["wrong"], [False])]
    assert mean_step_score(scores) == (0.5, 0.5, 0.5)
    uneven = [step_score(["matched"], [True, False]), step_score(["matched", "wrong"], [True])]
    assert mean_step_score(uneven).f1 == pytest.approx(0.75)  # their own mean is 2/3
    with pytest.raises(ValueError, match="at least one answer"):
        mean_step_score([])


@pytest.mark.parametrize(
    ("predicted", "gold", "expected"),
    [
        ([2, 0, 1], [2, 0, 1], (True, 1.0)),
        ([2, 0, 1], [2, 1, 0], (False, 1 / 3)),
        ([2, 0], [2, 0, 1], (False, 0.0)),  # another length: not 2/3
        ([], [1], (False, 0.0)),
    ],
)
def test_order_score(predicted: list[int], gold: list[int], expected: tuple[bool, float]) -> None:
    assert order_score(predicted, gold) == (expected[0], pytest.approx(expected[1]))


def test_success_by_step_counts_runs_that_are_long_enough() -> None:
    runs = [[True, True, True], [True, False, True], [True]]
    assert success_by_step(runs) == [1.0, 0.5, 0.5]
    assert success_by_step([]) == []


@pytest.mark.parametrize(
    ("predicted", "gold", "distance"),
    [
        ("kitten", "sitting", 3 / 7),
        (["open", "pour"], ["open", "take", "pour", "close"], 0.5),
        ([], ["a"], 1.0),
        (["a", "b", "c"], ["a"], 2 / 3),  # over the gold length it would be 2
        ([], [], 0.0),
    ],
)
def test_edit_distance(predicted: list[str], gold: list[str], distance: float) -> None:
    assert edit_distance(predicted, gold) == pytest.approx(distance)
