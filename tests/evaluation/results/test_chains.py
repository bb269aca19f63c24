"""AM and LGM over two chains, by hand."""

from __future__ import annotations

import math

import pytest

from tests.evaluation.results.test_summary import scored
from vprog.evaluation.results import summarise
from vprog.evaluation.results.chains import chain_metrics
from vprog.evaluation.results.scored_case import ScoredCase


def asked(number: int, row: str, chain: str, asks: str, value: float) -> ScoredCase:
    metrics = {
        "what": {},
        "when": {"tiou": value, "iop": 0.0},
        "where": {"box_iou": value, "viou": 0.0},
    }
    return scored(
        number,
        "right" if asks == "what" and value else "wrong",
        groups={"chain": chain, "asks": asks},
        together=row,
        metrics=metrics[asks],
    )


def test_chains_have_their_means_and_share_the_what() -> None:
    first, second = "what-when-where", "what-where-when"
    cases = [
        asked(0, "a", "both", "what", 1.0),
        asked(1, "b", "both", "what", 0.0),
        asked(2, "a", first, "when", 0.5),
        asked(3, "b", first, "when", 0.5),
        asked(4, "a", first, "where", 0.25),
        asked(5, "b", first, "where", 0.25),
        asked(6, "a", second, "when", 0.0),
        asked(7, "b", second, "when", 0.0),
        asked(8, "a", second, "where", 0.5),
        asked(9, "b", second, "where", 0.5),
    ]
    metrics = chain_metrics(cases)
    one, other = (0.5 + 0.5 + 0.25) / 3, (0.5 + 0.0 + 0.5) / 3
    assert metrics[f"AM, {first}"] == pytest.approx(one)
    assert metrics[f"AM, {second}"] == pytest.approx(other)
    assert metrics["mAM"] == pytest.approx((one + other) / 2)
    logs = -(2 * math.log(0.5) + math.log(0.75)) / 3, -2 * math.log(0.5) / 3
    assert metrics["mLGM"] == pytest.approx(sum(logs) / 2)
    assert metrics[f"what, when and where, {first}"] == 0.5  # of b, what is wrong
    assert metrics[f"what, when and where, {second}"] == 0.0  # when is never found
    assert summarise(cases).metrics["mAM"] == pytest.approx(metrics["mAM"], abs=1e-6)


def test_chains_without_all_of_their_questions_have_no_figures() -> None:
    cases = [asked(0, "a", "both", "what", 1.0), asked(1, "a", "what-when-where", "when", 0.5)]
    assert chain_metrics(cases) == {}
    assert chain_metrics([scored(0, "right")]) == {}
