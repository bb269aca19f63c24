"""AM and LGM by hand, finite where the published code fails."""

from __future__ import annotations

import math

import pytest

from vprog.evaluation.metrics import (
    ChainQuestion,
    arithmetic_mean,
    chain_metrics,
    is_joint_hit,
    log_geometric_mean,
)


def test_means_of_what_when_and_where() -> None:
    assert arithmetic_mean(0.6, 0.3, 0.0) == pytest.approx(0.3)
    assert log_geometric_mean(0.5, 0.5, 0.5) == pytest.approx(math.log(2))
    assert log_geometric_mean(0.0, 0.0, 0.75) == pytest.approx(math.log(4) / 3)
    assert log_geometric_mean(0.0, 0.0, 0.0) == 0.0


def test_log_mean_is_finite_at_one_and_refuses_what_is_no_share() -> None:
    assert math.isfinite(log_geometric_mean(1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        log_geometric_mean(60.0, 0.5, 0.5)


def test_joint_hit_takes_both() -> None:
    assert is_joint_hit(0.3, 0.1)
    assert not is_joint_hit(0.29, 0.9)
    assert not is_joint_hit(0.9, 0.09)


FIRST, SECOND = "what-when-where", "what-where-when"


def test_chains_have_their_means_and_share_the_what() -> None:
    questions = [ChainQuestion("a", "", "what", 1.0), ChainQuestion("b", "", "what", 0.0)]
    for chain, when, where in ((FIRST, 0.5, 0.25), (SECOND, 0.0, 0.5)):
        for row in ("a", "b"):
            questions.append(ChainQuestion(row, chain, "when", when))
            questions.append(ChainQuestion(row, chain, "where", where))
    metrics = chain_metrics(questions)
    one, other = (0.5 + 0.5 + 0.25) / 3, (0.5 + 0.0 + 0.5) / 3
    assert metrics[f"AM, {FIRST}"] == pytest.approx(one)
    assert metrics[f"AM, {SECOND}"] == pytest.approx(other)
    assert metrics["mAM"] == pytest.approx((one + other) / 2)
    logs = -(2 * math.log(0.5) + math.log(0.75)) / 3, -2 * math.log(0.5) / 3
    assert metrics[f"LGM, {FIRST}"] == pytest.approx(logs[0])
    assert metrics["mLGM"] == pytest.approx(sum(logs) / 2)
    assert metrics[f"what, when and where, {FIRST}"] == 0.5  # of b, what is wrong
    assert metrics[f"what, when and where, {SECOND}"] == 0.0  # when is never found


def test_rows_without_all_of_their_questions_do_not_count() -> None:
    alone = [ChainQuestion("a", "", "what", 1.0), ChainQuestion("a", FIRST, "when", 0.5)]
    assert chain_metrics(alone) == {}
    whole = [*alone, ChainQuestion("a", FIRST, "where", 0.5), ChainQuestion("b", FIRST, "when", 0)]
    assert set(chain_metrics(whole)) == {
        f"{name}, {FIRST}" for name in ("AM", "LGM", "what, when and where")
    }
