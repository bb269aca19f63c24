from __future__ import annotations

import pytest

from vprog.runs.isotonic import fit_rising


def test_rising_map_pools_what_falls() -> None:
    # 0.1 right, 0.2 wrong: one pool of two, half right; 0.8 and 0.9 right: one pool each or two.
    fitted = fit_rising([0.1, 0.2, 0.8, 0.9], [True, False, True, True])
    # The first knot is the lowest score seen.
    assert fitted.scores == pytest.approx((0.1, 0.15, 0.85))
    # half an answer of each kind more: (1 + 0.5) / 3, and (2 + 0.5) / 3
    assert fitted.values == pytest.approx((0.5, 0.5, 2.5 / 3))
    assert fitted(0.1) == pytest.approx(0.5)
    assert fitted(0.5) == pytest.approx((0.5 + 2.5 / 3) / 2)
    assert fitted(1.0) == pytest.approx(2.5 / 3)


def test_rising_map_never_falls_and_never_reaches_certainty() -> None:
    scores = [at / 50 for at in range(50)]
    rights = [(at * 7) % 11 < at / 5 for at in range(50)]
    fitted = fit_rising(scores, rights)
    values = [fitted(at / 100) for at in range(101)]
    assert values == sorted(values)
    assert 0.0 < values[0] <= values[-1] < 1.0


def test_rising_map_falls_to_nothing_below_what_was_seen() -> None:
    fitted = fit_rising([0.6, 0.8], [True, True])
    assert fitted(0.3) == pytest.approx(fitted(0.6) / 2)
    assert fitted(0.0) == 0.0


def test_rising_map_of_one_score_is_flat() -> None:
    fitted = fit_rising([0.5] * 4, [True, True, True, False])
    assert fitted.values == pytest.approx((3.5 / 5,))
    assert fitted(0.9) == fitted(0.5)


def test_rising_map_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fit_rising([], [])
