from __future__ import annotations

from dataclasses import replace

import pytest

from vprog.execute.cell_outcome import Outcome
from vprog.runs.score import BY_MEANING, score_outcome, share_of
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


@pytest.mark.parametrize(
    ("value", "evidence", "named"), [(3, False, 0.5), (3, True, None), (0, False, None)]
)
def test_count_that_names_nothing_is_worth_half(
    value: int, evidence: bool, named: float | None
) -> None:
    counted = replace(outcome(None, *[True] * evidence), value=value, denial=0.76)
    score = score_outcome(counted, is_fast=False)
    assert score.parts.get("named") == named
    assert score.value == pytest.approx(0.76 * (named or 1.0))


def test_share_is_of_the_weight_or_of_the_number() -> None:
    assert share_of([(True, 2.0), (True, 1.0), (False, 1.0)]) == 0.75
    assert share_of([(True, 0.0), (False, 0.0)]) == 0.5
    assert share_of([]) is None


@pytest.mark.parametrize(
    ("value", "evidence", "read"),
    [
        ("no", (), 0.5),
        (3, (True,), 0.5),
        (12.5, (), 0.5),
        ([], (), 0.5),
        ("yes", (True,), None),
        ("EXIT 9", (True,), None),
        (12.5, (True,), None),
        ((1.0, 2.0), (True,), None),
    ],
)
def test_what_rests_on_all_of_a_file_scores_no_more_than_was_read(
    value: object, evidence: tuple[bool, ...], read: float | None
) -> None:
    given = replace(outcome(1.0, *evidence), value=value)
    assert score_outcome(given, is_fast=False, unread=0.5).parts.get("read") == read
    assert "read" not in score_outcome(given, is_fast=False).parts


def test_the_last_one_of_a_part_scores_no_more_than_was_read() -> None:
    given = replace(outcome(1.0, True), value="EXIT 9")
    assert score_outcome(given, is_fast=False, unread=0.5, is_about_all=True).value == 0.5
    assert score_outcome(given, is_fast=False, is_about_all=True).value == 1.0


def test_a_small_loss_still_caps_an_absence() -> None:
    given = replace(outcome(1.0), value="no")
    assert score_outcome(given, is_fast=False, unread=0.001).value == 0.9


def test_answer_to_a_question_read_by_likeness_is_worth_less() -> None:
    score = score_outcome(outcome(0.8, True), is_fast=False, by_meaning=True)
    assert score.parts["meaning"] == BY_MEANING
    assert score.value == pytest.approx(0.8 * BY_MEANING)
    unscored = score_outcome(outcome(None), is_fast=False, by_meaning=True)
    assert unscored.value is None
