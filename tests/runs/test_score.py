from __future__ import annotations

import pytest

from vprog.execute.outcome import Outcome
from vprog.runs.score import score_outcome, share_of
from vprog.types import Evidence


def outcome(score: float | None, *supported: bool) -> Outcome:
    evidence = tuple(Evidence(0, 1.0, 2.0, None, None, item) for item in supported)
    return Outcome("answered", 0, value=1, evidence=evidence, score=score)


@pytest.mark.parametrize(
    ("given", "is_fast", "votes", "value", "parts"),
    [
        (outcome(0.8, True), True, None, 0.8, {"tokens": 0.8}),
        (outcome(0.8, True), False, None, 0.8, {"evidence": 0.8, "support": 1.0}),
        (outcome(0.8, True, False), False, None, 0.0, {"evidence": 0.8, "support": 0.0}),
        (outcome(None, True), False, None, None, {"support": 1.0}),
        (outcome(None), False, None, None, {}),
        (outcome(None), False, 0.75, 0.75, {"votes": 0.75}),
        (outcome(0.8, True), True, 0.5, 0.4, {"tokens": 0.8, "votes": 0.5}),
        (outcome(float("nan")), False, None, 0.0, {"evidence": 0.0}),
    ],
)
def test_score_is_the_product_of_its_parts(
    given: Outcome,
    is_fast: bool,
    votes: float | None,
    value: float | None,
    parts: dict[str, float],
) -> None:
    score = score_outcome(given, is_fast=is_fast, votes=votes)
    assert (score.value, score.parts) == (value, parts)


def test_share_is_of_the_weight_or_of_the_number() -> None:
    assert share_of([(True, 2.0), (True, 1.0), (False, 1.0)]) == 0.75
    assert share_of([(True, 0.0), (False, 0.0)]) == 0.5
    assert share_of([]) is None
