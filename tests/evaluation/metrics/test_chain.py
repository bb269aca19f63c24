"""AM and LGM by hand, finite where the published code fails."""

from __future__ import annotations

import math

import pytest

from vprog.evaluation.metrics import arithmetic_mean, is_joint_hit, log_geometric_mean


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
