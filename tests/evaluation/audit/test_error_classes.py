"""Classes of errors, from traces that were put together by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.evaluation.results.test_summary import scored
from vprog.evaluation.audit.blame import ALL, BlamedCase
from vprog.evaluation.audit.error_classes import (
    DiagnosedCase,
    diagnose,
    diagnosis_tables,
)
from vprog.evaluation.case import Case
from vprog.trace.event import AnyEvent, LlmCalled, RecordedEvidence, RunEnded, StepValue
from vprog.trace.recorded_result import RecordedResult
from vprog.types.coverage import StreamCoverage, VideoCoverage


def case(**more: Any) -> Case:
    return Case(1, (Path("a.mp4"),), "Which?", **{"answer": "blue", "id": "0", **more})


def evidence(text: str | None = None, *, supported: bool = True) -> RecordedEvidence:
    return RecordedEvidence(video=0, start=2.0, end=3.0, box=None, text=text, supported=supported)


def ended(*items: RecordedEvidence, unseen: list[tuple[float, float]] | None = None) -> RunEnded:
    pictures = StreamCoverage(seen=0.5, unseen=unseen or [])
    result = RecordedResult(
        status="answered",
        answer="x",
        evidence=list(items),
        coverage=[VideoCoverage(video=0, pictures=pictures)],
    )
    return RunEnded(
        status="answered",
        batches=0,
        peak_memory_mb=1.0,
        result=msgspec.Raw(msgspec.json.encode(result)),
    )


def held(text: str, kind: str = "str", count: int = 1) -> StepValue:
    return StepValue(cell=0, line=1, name="found", type=kind, length=None, text=text, count=count)


def thought(text: str) -> LlmCalled:
    return LlmCalled(
        model="m", purpose="answer", messages=[], reply=f"<think>{text}</think>B", tokens_in=1,
        tokens_out=1, seconds=0.1,
    )  # fmt: skip


def blamed(*, right: bool) -> BlamedCase:
    return BlamedCase(id="0", video=["a"], was_right=False, right={"ask": False, ALL: right})


SPAN = ((2.0, 3.0),)
OPTIONS = {"choices": ("blue", "red"), "answer": "blue"}


@pytest.mark.parametrize(
    ("verdict", "asked", "events", "known", "expected"),
    [
        ("right", {}, [ended(evidence())], None, "TRAR"),
        ("right", {}, [ended(evidence(), evidence(supported=False))], None, "TWAR"),
        ("right", {}, [ended()], None, "TWAR"),  # it rests on nothing
        ("wrong", {"spans": SPAN}, [ended(unseen=[(0.0, 9.0)])], None, "VOE"),
        ("wrong", {"spans": SPAN}, [ended(unseen=[(0.0, 2.5)])], None, "open"),
        ("wrong", {}, [held("'blue'"), ended()], None, "TRAW"),
        ("wrong", {}, [held("'blue'", count=9), ended()], None, "open"),  # of a loop
        ("wrong", {}, [held("['blue', 'red']", "list"), ended()], None, "open"),
        ("wrong", OPTIONS, [thought("So the answer is A."), ended()], None, "TRAW"),
        ("wrong", {}, [ended()], blamed(right=True), "VPE"),
        ("wrong", {}, [ended()], blamed(right=False), "RE"),
        ("wrong", {"steps": ("sit", "run")}, [ended(evidence("they sit"))], None, "VPE"),
        ("wrong", {"steps": ("sit",)}, [ended(evidence("they sit"))], None, "RE"),
    ],
)
def test_an_answer_is_of_the_first_class_whose_rule_holds(
    verdict: str, asked: dict[str, Any], events: list[AnyEvent], known: Any, expected: str
) -> None:
    row = scored(0, verdict, choice=1 if "choices" in asked else None)
    assert diagnose(case(**asked), row, events, known).error_class == expected


def test_evidence_beside_the_known_span_is_no_right_reason() -> None:
    row = scored(0, "right", metrics={"iop": 0.4, "tiou": 0.1})
    assert diagnose(case(spans=SPAN), row, [ended(evidence())]).error_class == "TWAR"


@pytest.mark.parametrize(
    ("said", "choice", "expected"),
    [
        ("Option B is odd. The answer is A", 0, True),
        ("The answer must be (B).", 0, False),
        ("It is blue.", 0, None),  # no option is named
    ],
)
def test_a_thought_is_held_against_the_answer(
    said: str, choice: int, expected: bool | None
) -> None:
    row = scored(0, "right", choice=choice)
    assert diagnose(case(**OPTIONS), row, [thought(said), ended()]).is_consistent is expected


def test_observations_are_held_against_what_happens() -> None:
    told = "from 0 to 1 s: a card shows +3"
    events = [ended(evidence("+3"), evidence("-3"), evidence())]
    one = diagnose(case(told=told), scored(0, "right"), events)
    assert (one.n_observations, one.n_true) == (2, 1)


def test_tables_count_classes_thoughts_and_observations() -> None:
    cases = [
        DiagnosedCase(id="a", error_class="TRAR", is_consistent=True, n_observations=2, n_true=1),
        DiagnosedCase(id="b", error_class="VOE", is_consistent=False),
        DiagnosedCase(id="c", error_class="RE"),
    ]
    classes, thoughts = diagnosis_tables(cases)
    assert [row[1] for row in classes.rows] == ["1", "0", "1", "0", "0", "1", "0"]
    assert [row[2] for row in classes.rows][:3] == ["100.0%", "0.0%", "50.0%"]
    assert [row[1:] for row in thoughts.rows] == [["2", "50.0%"], ["2", "50.0%"]]
    assert len(diagnosis_tables([])) == 1
