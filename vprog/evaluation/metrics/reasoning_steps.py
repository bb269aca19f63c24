"""Metrics of steps: precision and recall of a chain of reasoning, order, plans, success by step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from vprog.evaluation.metrics.spatial import Corners, box_iou

BOX_IOU = 0.35
"""From which a part of a picture is the right one. Source: Video-CoM (2025)."""

StepLabel = Literal["matched", "wrong", "redundant"]
"""What a judge says of a step of an answer: it is a right one, it is wrong, it adds nothing."""


class StepScore(NamedTuple):
    """Of the steps of one answer, or of means over answers; in [0, 1]."""

    precision: float
    recall: float
    f1: float


def step_score(labels: Sequence[StepLabel], found: Sequence[bool]) -> StepScore:
    """How many steps of an answer are right, and how many of the right steps it has.

        precision = matched / (matched + wrong)    recall = found / gold
        F1 = 2 precision recall / (precision + recall)

    The trap: redundant steps are left out of the precision; an answer of redundant steps alone
    has 0.0. (The published code leaves an answer without judged steps out of its mean, which
    rewards saying nothing.)

    Args:
        labels: of each step of the answer.
        found: of each right step, whether the answer has it.

    Raises:
        ValueError: there is no right step.

    Example:
        >>> step_score(["matched", "wrong", "redundant"], [True, False])
        StepScore(precision=0.5, recall=0.5, f1=0.5)

    Source: Qi et al., VCR-Bench, 2025 (CoT score); perception and logic by their own steps.
    """
    if not found:
        raise ValueError("step_score: there must be at least one right step.")
    n_matched = sum(label == "matched" for label in labels)
    n_judged = n_matched + sum(label == "wrong" for label in labels)
    return _score(n_matched / n_judged if n_judged else 0.0, sum(found) / len(found))


def label_steps(fits: Sequence[Sequence[bool]]) -> tuple[list[StepLabel], list[bool]]:
    """Labels of given steps and which known ones are found, from what fits what.

    A step that fits is matched if it finds a known step that none before it found, else it is
    redundant; one that fits none is wrong.

    Args:
        fits: for each given step, whether it fits each known one.

    Example:
        >>> label_steps([[True, False], [True, False], [False, False]])
        (['matched', 'redundant', 'wrong'], [True, False])
    """
    labels: list[StepLabel] = []
    found = [False] * max((len(row) for row in fits), default=0)
    for row in fits:
        free = [index for index, is_fit in enumerate(row) if is_fit and not found[index]]
        if free:
            found[free[0]] = True
        labels.append("matched" if free else "redundant" if any(row) else "wrong")
    return labels, found


def manipulation_score(
    *,
    segments: Sequence[tuple[int, Collection[int]]] = (),
    frames: Sequence[tuple[float, tuple[float, float]]] = (),
    boxes: Sequence[tuple[Corners, Corners]] = (),
) -> float:
    """The share of steps on a video that are right: segments found, frames found, parts zoomed.

    The trap: each step counts alike, so that many segments hide one wrong box.

    Args:
        segments: of each that was found its number, and the numbers of the right ones.
        frames: of each that was found its time, and start and end of where it may lie.
        boxes: of each part its box, and the right one; right from an IoU of BOX_IOU.

    Raises:
        ValueError: there is no step.

    Example:
        >>> manipulation_score(segments=[(2, {2, 3})], frames=[(7.5, (8.0, 9.0))])
        0.5

    Source: Video-CoM (2025): the score of a step, right over all.
    """
    right = [number in gold for number, gold in segments]
    right += [start <= time <= end for time, (start, end) in frames]
    right += [box_iou(box, gold) >= BOX_IOU for box, gold in boxes]
    if not right:
        raise ValueError("manipulation_score: there must be at least one step.")
    return sum(right) / len(right)


def mean_step_score(scores: Sequence[StepScore]) -> StepScore:
    """The means of precision and recall over answers, and the F1 of these means.

    The trap: it is not the mean of the answers' F1.

    Raises:
        ValueError: there is no answer.

    Source: `eval_code/cau_total.py` of VCR-Bench's repository.
    """
    if not scores:
        raise ValueError("mean_step_score: there must be at least one answer.")
    n = len(scores)
    return _score(
        sum(score.precision for score in scores) / n, sum(score.recall for score in scores) / n
    )


def order_score(predicted: Sequence[object], gold: Sequence[object]) -> tuple[bool, float]:
    """Whether an order is right, and the share of its places that are; 0.0 at another length.

    Example:
        >>> order_score([2, 0, 1], [2, 1, 0])
        (False, 0.3333333333333333)

    Source: Sarkar and Etemad, VCRBench, 2025: success rate and step accuracy.
    """
    if not gold:
        raise ValueError("order_score: there must be at least one step.")
    if len(predicted) != len(gold):
        return False, 0.0
    n_right = sum(one == other for one, other in zip(predicted, gold, strict=True))
    return n_right == len(gold), n_right / len(gold)


def success_by_step(runs: Sequence[Sequence[bool]]) -> list[float]:
    """Share of runs without a mistake up to each step: where chains of operations break.

        s_k = #{runs with at least k steps, the first k right} / #{runs with at least k steps}

    Example:
        >>> success_by_step([[True, True], [True, False], [False, True]])
        [0.6666666666666666, 0.3333333333333333]

    Source: Liu et al., VideoReasonBench, 2025 (accuracy over the number of operations).
    """
    return success_of_first([(sum(takewhile(bool, run)), len(run)) for run in runs])


def success_of_first(runs: Sequence[tuple[int, int]]) -> list[float]:
    """The same from how many first steps of each run are right, and how many steps it has."""
    rates: list[float] = []
    for n_steps in range(1, max((n for _, n in runs), default=0) + 1):
        long_enough = [n_right for n_right, n in runs if n >= n_steps]
        rates.append(sum(n_right >= n_steps for n_right in long_enough) / len(long_enough))
    return rates


def edit_distance(predicted: Sequence[object], gold: Sequence[object]) -> float:
    """Steps to insert, delete or replace until a plan is the right one, over the longer length.

        ED = Levenshtein(P, G) / max(|P|, |G|)

    The trap: over the gold length alone it would exceed 1.

    Example:
        >>> edit_distance(["open", "pour"], ["open", "take", "pour", "close"])
        0.5

    Source: Levenshtein 1966; normalised as in Farha et al., MS-TCN, CVPR 2019 (edit score).
    """
    if not predicted and not gold:
        return 0.0
    row = list(range(len(gold) + 1))
    for i, step in enumerate(predicted, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(gold, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (step != right))
    return row[-1] / max(len(predicted), len(gold))


def _score(precision: float, recall: float) -> StepScore:
    total = precision + recall
    return StepScore(precision, recall, 2 * precision * recall / total if total else 0.0)
