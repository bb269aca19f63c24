from __future__ import annotations

import pytest

from vprog.evaluation.calibrate.risk_coverage import (
    AnswerPair,
    ScoredAnswer,
    area_under_risk,
    best_threshold,
    calibration_error,
    fitted_error,
    risk_coverage,
)


def scored(*pairs: tuple[float, bool]) -> list[ScoredAnswer]:
    return [ScoredAnswer(score, right) for score, right in pairs]


def test_calibration_error_by_hand() -> None:
    four = scored((0.2, False), (0.4, False), (0.6, True), (0.8, False))
    # two bins: |0.3 - 0| and |0.7 - 0.5|, each of half the answers
    assert calibration_error(four, bins=2) == pytest.approx(0.25)
    assert calibration_error(scored((1.0, True), (0.0, False))) == 0.0


def test_risk_coverage_by_hand() -> None:
    four = scored((0.9, True), (0.8, False), (0.8, True), (0.1, False))
    assert risk_coverage(four) == [
        (0.9, 0.25, 0.0),
        (0.8, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.5),
    ]
    assert area_under_risk(scored((0.9, True), (0.1, False))) == pytest.approx(0.25)


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_answers_of_one_score_count_in_any_order(order: tuple[bool, bool]) -> None:
    first, second = order
    assert area_under_risk(scored((0.5, first), (0.5, second))) == pytest.approx(0.5)


def test_fitting_mends_scores_that_are_too_sure() -> None:
    # said 0.9 and 0.5; right in 6 of 10 and in 2 of 10
    many = [ScoredAnswer(0.9, at % 5 < 3) for at in range(50)]
    few = [ScoredAnswer(0.5, at % 5 == 0) for at in range(50)]
    mixed = [answer for pair in zip(many, few, strict=True) for answer in pair]
    before, after = calibration_error(mixed), fitted_error(mixed)
    assert before == pytest.approx(0.3)
    assert after is not None
    assert after < 0.15
    assert fitted_error(mixed[:9]) is None


def test_threshold_sends_the_slow_way_what_it_does_better() -> None:
    fast_knows = [AnswerPair(ScoredAnswer(0.9, True), False)] * 3
    slow_knows = [AnswerPair(ScoredAnswer(0.4, False), True)] * 3
    assert best_threshold(fast_knows + slow_knows, floor=0.0) == (0.9, 1.0, 0.5)


def test_threshold_is_the_lowest_of_equals_and_counts_the_way_back() -> None:
    both = [AnswerPair(ScoredAnswer(0.5, True), True), AnswerPair(ScoredAnswer(0.8, True), True)]
    assert best_threshold(both, floor=0.0) == (0.0, 1.0, 1.0)
    back = [AnswerPair(ScoredAnswer(0.5, True), None)]
    assert best_threshold(back, floor=0.6)[1] == 1.0  # fast at threshold 0
    assert best_threshold([AnswerPair(None, True)], floor=0.2) == (0.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="at least one"):
        best_threshold([], floor=0.2)
