"""The figures of scored cases by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from vprog.evaluation.results import summarise
from vprog.evaluation.results.drift_table import drift_table
from vprog.evaluation.results.scored_case import ScoredCase
from vprog.evaluation.results.strategy_table import strategy_rows


def scored(number: int, verdict: str, **more: Any) -> ScoredCase:
    status = {"right": "answered", "wrong": "answered"}.get(verdict, verdict)
    fields: dict[str, Any] = {
        "id": str(number), "video": [f"{number // 2}.mp4"], "groups": {}, "verdict": verdict,
        "strict_verdict": verdict, "status": status, "error": None, "answer": "x", "choice": None,
        "expected": "x", "is_answerable": True, "score": None, "confidence": None, "path": "rules",
        "metrics": {}, "seconds": 1.0, "is_warm": False, "llm_calls": 0, "tokens_in": 0,
        "tokens_out": 0, "frames_decoded": 0, "calls": {"issued": 1, "executed": 1},
        "videos_sha256": [], "prompts_sha256": [], "case": "c", "trace": None,
    }  # fmt: skip
    return ScoredCase(**{**fields, **more})


def test_failures_and_abstentions_count_as_wrong_and_stand_apart() -> None:
    verdicts = ("right", "wrong", "abstained", "failed")
    summary = summarise([scored(number, verdict) for number, verdict in enumerate(verdicts)])
    overall = summary.overall
    assert (overall.right, overall.wrong, overall.abstained, overall.failed) == (1, 1, 1, 1)
    assert (overall.accuracy, overall.coverage, overall.accuracy_answered) == (0.25, 0.5, 0.5)
    # videos 0 (right, wrong) and 1: squares .75, crossed 2(.75)(-.25) + 2(-.25)(-.25) = -.25
    assert overall.error == pytest.approx(math.sqrt(0.75 / 12 - 0.25 / 16))
    assert summary.failures == {"abstained": 1, "failed": 1}
    with pytest.raises(ValueError, match="at least one case"):
        summarise([])


def test_risk_is_of_confidences_only_where_every_answer_has_one() -> None:
    cases = [scored(0, "right", score=0.9, confidence=0.6), scored(1, "wrong", score=0.2)]
    summary = summarise(cases)
    assert (summary.is_calibrated, summary.curve[0]) == (False, (0.9, 0.5, 0.0))
    assert summary.aurc == 0.25  # 0 of 1, then 1 of 2 wrong
    assert summary.ece == pytest.approx((0.1 + 0.2) / 2)
    assert summarise(cases[:1]).is_calibrated
    assert summarise([scored(0, "abstained")]).aurc is None


def test_metrics_of_benchmarks_have_their_names() -> None:
    where = {"tiou": 0.5, "iop": 0.8, "viou": 0.25, "box_iou": 0.5, "acc_gqa": 1.0}
    cases = [
        scored(0, "right", metrics=where, together="q", groups={"task": "a"}),
        scored(1, "wrong", metrics=dict.fromkeys(where, 0.0), together="q", groups={"task": "b"}),
    ]
    metrics = summarise(cases).metrics
    assert metrics["accuracy of sets"] == 0.0
    assert metrics["mean accuracy by task"] == 0.5
    assert (metrics["mIoU"], metrics["R@1, tIoU>=0.5"], metrics["R@1, tIoU>=0.7"]) == (0.25, 0.5, 0)
    assert (metrics["mIoP"], metrics["Acc@GQA"], metrics["m_vIoU"]) == (0.4, 0.5, 0.125)
    assert metrics["AM"] == pytest.approx((0.5 + 0.25 + 0.25) / 3, abs=1e-6)
    expected = -(math.log(0.5) + 2 * math.log(0.75)) / 3
    assert metrics["LGM"] == pytest.approx(expected, abs=1e-6)
    assert metrics["what, when and where"] == 0.5
    assert summarise([scored(0, "right")]).metrics == {}


def test_cost_is_apart_for_what_the_cache_answered() -> None:
    warm = {"calls": {"issued": 2, "executed": 0}, "is_warm": True, "seconds": 0.1}
    cost = summarise([scored(0, "right"), scored(1, "right", **warm)]).cost
    assert (cost.seconds_cold, cost.seconds_warm, cost.n_warm) == (1.0, 0.1, 1)
    assert (cost.calls, cost.executed) == (1.5, 0.5)


def test_front_holds_strategies_that_none_beats_in_both() -> None:
    def summary(n_right: int, seconds: float) -> Any:
        return summarise(
            [scored(n, "right" if n < n_right else "wrong", seconds=seconds) for n in range(4)]
        )

    rows = strategy_rows({"slow": summary(3, 2.0), "worse": summary(2, 3.0), "fast": summary(1, 1)})
    assert [(row.name, row.is_front) for row in rows] == [
        ("slow", True), ("worse", False), ("fast", True),
    ]  # fmt: skip


def test_masks_steps_and_plans_have_their_figures() -> None:
    def stepped(precision: float, recall: float, first: float, n: float) -> dict[str, float]:
        return {"step_precision": precision, "step_recall": recall, "step_accuracy": first / n,
                "first_steps_right": first, "steps": n}  # fmt: skip

    cases = [
        scored(0, "right", metrics={"j": 1.0, "f": 0.5, **stepped(1.0, 0.5, 1.0, 2.0)}),
        scored(1, "wrong", metrics={"j": 0.0, "f": 0.0, **stepped(0.5, 0.5, 1.0, 3.0)}),
        scored(2, "wrong", metrics={"plan_possible": 0.25, **stepped(0.0, 0.0, 0.0, 1.0)}),
    ]
    metrics = summarise(cases).metrics
    assert (metrics["J"], metrics["F"], metrics["J&F"]) == (0.5, 0.25, 0.375)
    assert (metrics["step precision"], metrics["step recall"]) == (0.5, pytest.approx(1 / 3, 1e-5))
    assert metrics["step F1"] == 0.4  # of the means, 2 x 0.5 x 1/3 over 5/6
    # All three have a first step, two a second, one a third.
    rates = [metrics[f"success up to step {number}"] for number in (1, 2, 3)]
    assert rates == [pytest.approx(2 / 3, 1e-5), 0.0, 0.0]
    assert metrics["moves of plans that can be made"] == 0.25


def test_drift_is_what_the_first_alone_has_right() -> None:
    def verdicts(*named: str) -> list[ScoredCase]:
        return [scored(number, verdict) for number, verdict in enumerate(named)]

    table = drift_table(
        {
            "fast": verdicts("right", "right", "wrong", "failed"),
            "program": verdicts("right", "wrong", "right", "abstained"),
        }
    )
    assert table.rows == [["program", "4", "1 (25.0%)", "1 (25.0%)", "1 (25.0%)", "1.0000"]]
    assert table.head[3] == "fast alone (drift)"


def test_chains_are_read_off_groups_and_what_is_together() -> None:
    chain = "what-when-where"

    def part(number: int, asks: str, verdict: str, **metrics: float) -> ScoredCase:
        groups = {"chain": chain, "asks": asks}
        return scored(number, verdict, groups=groups, together="a", metrics=metrics)

    cases = [
        part(0, "what", "right"),
        part(1, "when", "right", tiou=0.4, iop=0.4),
        part(2, "where", "wrong", box_iou=0.1, viou=0.1),
    ]
    metrics = summarise(cases).metrics
    assert metrics[f"AM, {chain}"] == 0.5
    assert metrics[f"what, when and where, {chain}"] == 1.0
    assert metrics["accuracy of sets"] == 0.0
