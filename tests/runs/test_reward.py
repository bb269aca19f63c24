from __future__ import annotations

import math

import pytest

from vprog.execute.cell_outcome import Outcome
from vprog.runs.reward import NOTHING, Reward, reward_of
from vprog.types import Evidence

YES = Evidence(0, 1.0, 2.0, None, None, True)
NO = Evidence(0, 1.0, 2.0, None, None, False)


@pytest.mark.parametrize(
    ("outcome", "n_calls", "expected"),
    [
        (Outcome("answered", 0, value=1, evidence=(YES,), score=0.8), 3, (1, 0.8, 1)),
        (Outcome("answered", 0, value=1, evidence=(YES, NO), score=0.8), 3, (1, 0.8, 0.5)),
        (Outcome("answered", 0, value=1, evidence=(NO,), score=0.9), 3, (1, 0.9, 0.1)),
        (Outcome("answered", 0, value=1), 3, (1, 0.5, 0.25)),
        (Outcome("answered", 0, value=1), 0, (1, 0.5, 0.05)),
        (Outcome("answered", 0, value=1, evidence=(YES,), score=math.nan), 1, (1, 0.5, 1)),
        (Outcome("answered", 0, value=1, evidence=(YES,), score=7.0), 1, (1, 1, 1)),
        (Outcome("abstained", 0), 3, (0, 0, 0)),
        (Outcome("failed", 0), 3, (0, 0, 0)),
        (Outcome("limit", 0), 3, (0, 0, 0)),
        (Outcome("continues", 0), 3, (0, 0, 0)),
    ],
)
def test_reward_by_hand(
    outcome: Outcome, n_calls: int, expected: tuple[float, float, float]
) -> None:
    found = reward_of(outcome, fits=True, n_calls=n_calls)
    assert found == Reward(*expected)
    assert found.value == pytest.approx(math.prod(expected))


def test_an_answer_that_is_no_choice_is_worth_nothing() -> None:
    sure = Outcome("answered", 0, value="x", evidence=(YES,), score=1.0)
    assert reward_of(sure, fits=False, n_calls=9) == NOTHING
    assert reward_of(sure, fits=True, n_calls=9, confidence=0.25).value == 0.25
