"""A case with its verdict: what is counted where it was found, and by whom it was judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vprog.evaluation.case import Case, TimedBox
from vprog.evaluation.results.answer_record import AnswerRecord, CostRow, ErrorRow, EvidenceRow
from vprog.evaluation.results.scored_case import score_case

BOX = (0.0, 0.0, 4.0, 4.0)


def case(**more: Any) -> Case:
    return Case(1, (Path("a.mp4"),), "?", **{"answer": "x", "id": "k", "names": ("a.mp4",), **more})


def record(**more: Any) -> AnswerRecord:
    return AnswerRecord(id="k", case="c", **{"status": "answered", "answer": "x", **more})


def test_grounding_is_that_of_the_evidence() -> None:
    evidence = [
        EvidenceRow(start=2.0, end=4.0),
        EvidenceRow(start=3.0),  # a moment: spans are there
        EvidenceRow(video=1, start=0.0, end=9.0),  # of another video
    ]
    scored = score_case(case(spans=((2.0, 6.0),)), record(evidence=evidence))
    assert scored.metrics == {"tiou": 0.5, "iop": 1.0}


def test_grounding_of_an_answer_that_is_a_span_is_its_own() -> None:
    scored = score_case(case(answer=[2.0, 6.0], tiou=0.5), record(answer=[4.0, 8.0]))
    assert scored.metrics["tiou"] == pytest.approx(1 / 3, abs=1e-6)
    assert scored.verdict == "wrong"


def test_grounding_of_moments_alone_is_theirs() -> None:
    scored = score_case(case(spans=((2.0, 6.0),)), record(evidence=[EvidenceRow(start=3.0)]))
    assert scored.metrics == {"tiou": 0.0, "iop": 1.0}


def test_grounding_of_no_answer_is_nothing() -> None:
    asked = case(spans=((2.0, 6.0),), boxes=(TimedBox(1.0, BOX),))
    evidence = [EvidenceRow(start=2.0, end=6.0), EvidenceRow(start=1.0, box=BOX)]
    scored = score_case(asked, record(status="abstained", answer=None, evidence=evidence))
    assert set(scored.metrics.values()) == {0.0}


def test_accuracy_with_grounding_takes_a_right_choice_and_half_of_its_evidence() -> None:
    asked = case(choices=("x", "y"), spans=((0.0, 1.0),))
    near, far = EvidenceRow(start=0.5, end=1.5), EvidenceRow(start=0.0, end=4.0)
    assert score_case(asked, record(evidence=[near])).metrics["acc_gqa"] == 1.0
    assert score_case(asked, record(evidence=[far])).metrics["acc_gqa"] == 0.0
    assert score_case(asked, record(answer="y", evidence=[near])).metrics["acc_gqa"] == 0.0


def test_boxes_count_at_the_gold_time_that_is_near() -> None:
    asked = case(boxes=(TimedBox(1.0, BOX), TimedBox(2.0, BOX)))
    evidence = [EvidenceRow(start=1.2, box=BOX), EvidenceRow(start=7.0, box=BOX)]
    scored = score_case(asked, record(evidence=evidence))
    assert scored.metrics == {"viou": pytest.approx(1 / 3, abs=1e-6), "box_iou": 0.5}


def test_a_model_may_hold_for_right_what_the_grammar_does_not() -> None:
    scored = score_case(case(answer="a dog"), record(answer="a hound"), ("openai:m", True))
    assert (scored.verdict, scored.strict_verdict, scored.judge) == ("right", "wrong", "openai:m")
    scored = score_case(case(), record(status="abstained", answer=None), ("openai:m", True))
    assert scored.verdict == "abstained"


def test_case_says_what_it_cost_and_why_it_failed() -> None:
    cost = CostRow(seconds=1.5, llm_calls=2, module_calls={"issued": 3, "executed": 0})
    error = ErrorRow(code="limit", message="too long")
    scored = score_case(case(), record(status="limit", answer=None, cost=cost, error=error))
    assert (scored.verdict, scored.error, scored.is_warm) == ("failed", "limit", True)
    assert (scored.seconds, scored.llm_calls) == (1.5, 2)
