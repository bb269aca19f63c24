"""One line of results.jsonl: a case with its verdict, its metrics and its cost.

It is made of the case and its line of answers.jsonl alone, so that an archive gives it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec

from vprog.errors import UsageError
from vprog.evaluation.case import Case, InOrder, is_number, is_span
from vprog.evaluation.judge import is_step, verdict_of
from vprog.evaluation.metrics import (
    gold_frame_iou,
    j_and_f,
    label_steps,
    merged,
    step_score,
    temporal_iop,
    temporal_iou,
    total_length,
    video_iou,
)
from vprog.evaluation.move_plans import Plan, possible_share
from vprog.evaluation.results.answer_record import AnswerRecord, EvidenceRow
from vprog.types.mask_rle import MaskRle, decode_mask

GRAMMAR = "grammar"
"""The judge where no model was asked: see vprog/evaluation/judge.py."""

NEAR_S = 0.5
"""A box counts at the nearest gold time, if that is no farther: half the usual interval of
annotations, one a second."""


class ScoredCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what came of it."""

    id: str
    video: list[str]
    groups: dict[str, str]
    together: str = ""
    """The set that counts as right only if all its cases are; "" for none."""
    verdict: str
    judge: str = GRAMMAR
    strict_verdict: str
    """By grammar alone, whoever judged."""
    status: str
    error: str | None
    """The code of what went wrong."""
    answer: Any
    choice: int | None
    expected: Any
    is_answerable: bool
    score: float | None
    confidence: float | None
    path: str | None
    metrics: dict[str, float]
    """Of its grounding, where the case says where the answer is to be seen."""
    seconds: float
    is_warm: bool
    """Whether every module call was answered from the cache, so that `seconds` is of none."""
    llm_calls: int
    tokens_in: int
    tokens_out: int
    frames_decoded: int
    calls: dict[str, int]
    videos_sha256: list[str]
    prompts_sha256: list[str]
    case: str
    """The digest of the question and of how it was asked."""
    trace: str | None

    @property
    def is_right(self) -> bool:
        return self.verdict == "right"

    @property
    def is_answered(self) -> bool:
        return self.status == "answered"


def for_figures(case: ScoredCase) -> ScoredCase:
    """The same case, without what no figure needs."""
    return msgspec.structs.replace(
        case, answer=None, expected=None, videos_sha256=[], prompts_sha256=[], case="", trace=None
    )


def score_case(
    case: Case, record: AnswerRecord, judged: tuple[str, bool] | None = None
) -> ScoredCase:
    """The verdict on an answer, with the metrics that the case has the truth for.

    Args:
        case: the question with its right answer.
        record: what came of it.
        judged: what a model judge said of an answer that the grammar does not hold for right:
            its SPEC, and whether it holds it for right.
    """
    metrics = _grounding(case, record)
    strict = verdict_of(case, record.status, record.answer, _overlap(metrics))
    verdict = "right" if judged is not None and judged[1] and strict == "wrong" else strict
    if "iop" in metrics and case.choices:
        metrics["acc_gqa"] = float(verdict == "right" and metrics["iop"] >= 0.5)
    calls = record.cost.module_calls
    return ScoredCase(
        id=case.id,
        video=list(case.names),
        groups=dict(case.groups),
        together=case.together,
        verdict=verdict,
        judge=judged[0] if judged is not None else GRAMMAR,
        strict_verdict=strict,
        status=record.status,
        error=record.error.code if record.error is not None else None,
        answer=record.answer,
        choice=record.choice,
        expected=msgspec.to_builtins(case.answer),
        is_answerable=case.answer is not None,
        score=record.score,
        confidence=record.confidence,
        path=record.path,
        metrics=metrics,
        seconds=record.cost.seconds,
        is_warm=calls.get("issued", 0) > 0 and calls.get("executed", 0) == 0,
        llm_calls=record.cost.llm_calls,
        tokens_in=record.cost.tokens_in,
        tokens_out=record.cost.tokens_out,
        frames_decoded=record.cost.frames_decoded,
        calls=calls,
        videos_sha256=list(record.run.videos),
        prompts_sha256=[prompt.sha256 for prompt in record.run.prompts],
        case=record.case,
        trace=record.trace.replace("\\", "/").rsplit("/", 1)[-1] if record.trace else None,
    )


def _overlap(metrics: Mapping[str, float]) -> float | None:
    """How far the evidence lies on what is to be cited: J&F of masks, else the IoU of boxes."""
    if "j" in metrics:
        return (metrics["j"] + metrics["f"]) / 2
    return metrics.get("box_iou")


def _grounding(case: Case, record: AnswerRecord) -> dict[str, float]:
    """The metrics of where the answer was found; 0 where there is no answer."""
    metrics: dict[str, float] = {}
    gold = merged(case.spans) or _answer_spans(case)
    if gold:
        predicted = predicted_spans(record)
        metrics["tiou"] = round(temporal_iou(predicted, gold), 6)
        metrics["iop"] = round(temporal_iop(predicted, gold), 6)
    if case.boxes:
        times = [timed.time for timed in case.boxes]
        gold_tube = {timed.time: timed.box for timed in case.boxes}
        tube = _tube(record.evidence, times) if record.status == "answered" else {}
        metrics["viou"] = round(video_iou(tube, gold_tube), 6)
        metrics["box_iou"] = round(gold_frame_iou(tube, gold_tube), 6)
    if case.masks:
        metrics |= _of_masks(case, record)
    known = case.steps or (case.answer.in_order if isinstance(case.answer, InOrder) else ())
    if known and all(isinstance(step, str | int | float) for step in known):
        metrics |= _of_steps(case, record, known)
    if isinstance(case.answer, Plan):
        metrics["plan_possible"] = round(possible_share(case.answer.plan, record.answer), 6)
    return metrics


def _of_masks(case: Case, record: AnswerRecord) -> dict[str, float]:
    """J and F over the times with a known mask; without a mask there it is an empty one."""
    import numpy as np

    times = [mask.time for mask in case.masks]
    by_time: dict[float, Any] = {}
    for cited in record.run.masks if record.status == "answered" else ():
        near = min(times, key=lambda time: abs(time - cited.time))
        if cited.video == 0 and abs(near - cited.time) <= NEAR_S:
            bitmap = decode_mask(MaskRle(cited.size, cited.counts).text())
            by_time[near] = by_time[near] | bitmap if near in by_time else bitmap
    gold: dict[float, Any] = {}
    for mask in case.masks:  # several things at a time are one mask
        bitmap = decode_mask(MaskRle(mask.size, mask.counts).text())
        gold[mask.time] = gold[mask.time] | bitmap if mask.time in gold else bitmap
        if mask.time in by_time and by_time[mask.time].shape != bitmap.shape:
            raise UsageError(
                f"case {case.id}: its mask at {mask.time} s has {mask.size} pixels, the video's "
                f"frames have {by_time[mask.time].shape}.",
                hint="Give masks in the size (height, width) in which the video is displayed.",
            )
    predicted = [by_time.get(time, np.zeros_like(bitmap)) for time, bitmap in gold.items()]
    j, f, _ = j_and_f(predicted, list(gold.values()))
    return {"j": round(j, 6), "f": round(f, 6)}


def _of_steps(case: Case, record: AnswerRecord, known: Sequence[Any]) -> dict[str, float]:
    """Which steps are right: items of an answer that is a list, else texts of its evidence.

    Evidence is taken in order of time; what has no text is no step.
    """
    given: list[Any] = []
    if record.status == "answered" and isinstance(record.answer, list):
        given = record.answer
    elif record.status == "answered":
        told = [item for item in record.evidence if item.text]
        given = [item.text for item in sorted(told, key=lambda item: (item.video, item.start or 0))]
    fits = [[is_step(step, item, case) for step in known] for item in given]
    labels, found = label_steps(fits)
    score = step_score(labels, found or [False] * len(known))
    in_place = [row[place] for place, row in enumerate(fits[: len(known)])]
    return {
        "step_precision": round(score.precision, 6),
        "step_recall": round(score.recall, 6),
        "step_accuracy": round(sum(in_place) / len(known), 6) if len(given) == len(known) else 0.0,
        "first_steps_right": float(sum(takewhile(bool, in_place))),
        "steps": float(len(known)),
    }


def _answer_spans(case: Case) -> list[tuple[float, float]]:
    """The span that is the right answer itself."""
    if is_span(case.answer) and isinstance(case.answer, list):
        start, end = case.answer
        if is_number(start) and is_number(end):
            return [(float(start), float(end))]
    return []


def predicted_spans(record: AnswerRecord) -> list[tuple[float, float]]:
    """Where in the first video an answer places what it says.

    An answer that is a span says so itself; else the spans of its evidence do, and of evidence
    that is single moments those.
    """
    if record.status != "answered":
        return []
    if is_span(record.answer) and not isinstance(record.answer, str):
        start, end = record.answer
        return [(float(start), float(end))]
    cited = [
        (item.start, item.start if item.end is None else item.end)
        for item in record.evidence
        if item.video == 0 and item.start is not None
    ]
    lasting = [span for span in cited if span[1] > span[0]]
    return lasting if total_length(merged(lasting)) > 0 else cited


def _tube(
    evidence: Sequence[EvidenceRow], times: Sequence[float]
) -> dict[float, tuple[float, ...]]:
    """The boxes of the evidence by the gold time that each is at; others keep their own time."""
    tube: dict[float, tuple[float, ...]] = {}
    for item in evidence:
        if item.box is None or item.start is None or item.video != 0:
            continue
        near = min(times, key=lambda time: abs(time - item.start))  # type: ignore[operator]
        tube.setdefault(near if abs(near - item.start) <= NEAR_S else item.start, item.box)
    return tube
