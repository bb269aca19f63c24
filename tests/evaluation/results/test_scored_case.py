"""A case with its verdict: what is counted where it was found, and by whom it was judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import vprog
from tests.drawing import draw_video
from tests.modules.segmentation.test_segment_detections import MODULES
from vprog.errors import UsageError
from vprog.evaluation.case import Case, Cited, InOrder, TimedBox, TimedMask
from vprog.evaluation.judge import verdict_of
from vprog.evaluation.move_plans import Plan, PlanTask
from vprog.evaluation.results.answer_record import (
    AnswerRecord,
    CitedMask,
    ErrorRow,
    EvidenceRow,
    RunFacts,
    answer_line,
)
from vprog.evaluation.results.scored_case import score_case
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.trace.recorded_result import RecordedCost
from vprog.types.mask_rle import encode_mask

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
    cost = RecordedCost(seconds=1.5, llm_calls=2, module_calls={"issued": 3, "executed": 0})
    error = ErrorRow(code="limit", message="too long")
    scored = score_case(case(), record(status="limit", answer=None, cost=cost, error=error))
    assert (scored.verdict, scored.error, scored.is_warm) == ("failed", "limit", True)
    assert (scored.seconds, scored.llm_calls) == (1.5, 2)


def mask(time: float, *rows: str) -> TimedMask:
    """A mask of rows such as "..##"."""
    rle = encode_mask(np.array([[sign == "#" for sign in row] for row in rows]))
    return TimedMask(time, rle.size, rle.counts)


def cited(time: float, *rows: str, video: int = 0) -> CitedMask:
    drawn = mask(time, *rows)
    return CitedMask(video=video, time=time, size=drawn.size, counts=drawn.counts)


def test_masks_are_held_against_known_ones_by_time() -> None:
    asked = case(masks=(mask(1.0, "##..", "##.."), mask(2.0, "....", "..##")))
    given = [
        cited(1.2, "##..", "...."),  # half of what is there
        cited(1.2, "....", "##.."),  # and the other half, as a thing of its own
        cited(2.0, "....", "..##", video=1),  # of another video
        cited(9.0, "####", "####"),  # at no known time
    ]
    scored = score_case(asked, record(run=RunFacts(masks=given)))
    assert scored.metrics == {"j": 0.5, "f": 0.5}  # the second is empty, and should not be
    gone = record(status="abstained", answer=None, run=RunFacts(masks=given))
    assert score_case(asked, gone).metrics == {"j": 0.0, "f": 0.0}
    with pytest.raises(UsageError, match=r"case k: its mask at 1\.0 s has"):
        score_case(asked, record(run=RunFacts(masks=[cited(1.0, "####")])))


def test_masks_of_the_evidence_are_found_in_the_trace(home: Path, tmp_path: Path) -> None:
    clip = draw_video(tmp_path / "clip.mp4", 20)
    program = """
masks = segment(frame_at(video, 0.5), "square")
more = segment(frame_at(video, 1.0), "square")
answer("it", evidence=masks)
"""
    result = vprog.run(clip, program, registry=Registry(map(spec_of, MODULES)))
    vprog.close()
    assert result.status == "answered", result
    line = answer_line("k", "c", result)
    found = msgspec.convert(line["run"], RunFacts).masks
    assert {one.time for one in found} == {0.5}
    masks = tuple(TimedMask(0.5, one.size, one.counts) for one in found)
    read = msgspec.json.decode(msgspec.json.encode(line), type=AnswerRecord)
    assert score_case(case(masks=masks), read).metrics == {"j": 1.0, "f": 1.0}


def test_answers_that_point_are_judged_by_what_they_cite() -> None:
    asked = case(answer=Cited(0.5), boxes=(TimedBox(1.0, BOX), TimedBox(2.0, BOX)))
    half = [EvidenceRow(start=1.0, box=BOX)]
    assert score_case(asked, record(evidence=half)).verdict == "right"
    assert score_case(asked, record()).verdict == "wrong"
    assert score_case(asked, record(status="abstained", evidence=half)).verdict == "abstained"
    masked = case(answer=Cited(1.0), masks=(mask(1.0, "##.."),))
    found = RunFacts(masks=[cited(1.0, "##..")])
    assert score_case(masked, record(run=found)).verdict == "right"
    with pytest.raises(UsageError, match="case k: its answer is judged by what it cites"):
        verdict_of(asked, "answered", "there")


STEPS = ("open the door", "sit down", 3)


@pytest.mark.parametrize(
    ("given", "precision", "recall", "accuracy", "first"),
    [
        (["she will open the door", "sit down", 3], 1.0, 1.0, 1.0, 3.0),
        (["sit down", "open the door", 3], 1.0, 1.0, 1 / 3, 0.0),
        (["open the door", "jump"], 0.5, 1 / 3, 0.0, 1.0),
        (["open the door", "open the door"], 1.0, 1 / 3, 0.0, 1.0),  # said twice
        ([], 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_steps_are_the_items_of_an_answer_that_is_a_list(
    given: list[Any], precision: float, recall: float, accuracy: float, first: float
) -> None:
    metrics = score_case(case(steps=STEPS), record(answer=given)).metrics
    assert metrics == {
        "step_precision": precision,
        "step_recall": pytest.approx(recall, abs=1e-6),
        "step_accuracy": pytest.approx(accuracy, abs=1e-6),
        "first_steps_right": first,
        "steps": 3.0,
    }


def test_steps_of_another_answer_are_what_its_evidence_says_in_order_of_time() -> None:
    evidence = [
        EvidenceRow(start=5.0, text="sit down"),
        EvidenceRow(start=1.0, text="they open the door"),
        EvidenceRow(start=0.0),
    ]
    metrics = score_case(case(steps=STEPS), record(evidence=evidence)).metrics
    assert (metrics["step_precision"], metrics["first_steps_right"]) == (1.0, 2.0)
    ordered = case(answer=InOrder([2, 1]))
    assert score_case(ordered, record(answer=[2, 3])).metrics["first_steps_right"] == 1.0


def test_plans_say_how_far_they_can_be_carried_out() -> None:
    task = PlanTask("a", "c", {"a": {"right": "b"}, "b": {"right": "c"}})
    metrics = score_case(case(answer=Plan(task)), record(answer="right, up, right")).metrics
    assert metrics == {"plan_possible": pytest.approx(1 / 3, abs=1e-6)}
