"""How far scores can be trusted: calibration error, risk and coverage, the best threshold.

Pure arithmetic over answered questions whose right answers are known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.runs.isotonic import fit_rising

BINS = 10
FOLDS = 5


@dataclass(frozen=True)
class Graded:
    """One answer with its score, and whether it was right."""

    score: float
    right: bool


@dataclass(frozen=True)
class Choice:
    """One question answered both ways; None where a path gave no answer."""

    fast: Graded | None
    slow_right: bool | None


def calibration_error(graded: Sequence[Graded], bins: int = BINS) -> float:
    """Expected calibration error: mean distance of score and accuracy, over bins of like size.

    Raises:
        ValueError: there is no answer.
    """
    if not graded:
        raise ValueError("calibration_error: there must be at least one answer.")
    ordered = sorted(graded, key=lambda each: each.score)
    error = 0.0
    for group in _parts(ordered, min(bins, len(ordered))):
        mean = math.fsum(each.score for each in group) / len(group)
        share = sum(each.right for each in group) / len(group)
        error += abs(mean - share) * len(group) / len(ordered)
    return error


def fitted_error(graded: Sequence[Graded]) -> float | None:
    """The same after fitting, each answer judged by a map fitted without it; None below 2 x 5."""
    if len(graded) < 2 * FOLDS:
        return None
    # Dealt out by score: a file of cases may have a rhythm of its own.
    dealt = sorted(graded, key=lambda each: (each.score, each.right))
    judged: list[Graded] = []
    for fold in range(FOLDS):
        rest = [each for at, each in enumerate(dealt) if at % FOLDS != fold]
        mapped = fit_rising([each.score for each in rest], [each.right for each in rest])
        judged += [
            Graded(mapped(each.score), each.right)
            for at, each in enumerate(dealt)
            if at % FOLDS == fold
        ]
    return calibration_error(judged)


def risk_coverage(graded: Sequence[Graded]) -> list[tuple[float, float, float]]:
    """What answering only from a score on costs: (score, coverage, risk), most sure first.

    Coverage is the share of answers with at least that score, risk the share of wrong ones
    among these. One row for each score that occurs.
    """
    ordered = sorted(graded, key=lambda each: -each.score)
    rows: list[tuple[float, float, float]] = []
    wrong = 0
    for at, each in enumerate(ordered, start=1):
        wrong += not each.right
        if at == len(ordered) or ordered[at].score != each.score:
            rows.append((each.score, at / len(ordered), wrong / at))
    return rows


def area_under_risk(graded: Sequence[Graded]) -> float:
    """Mean risk over all coverages: 0 is perfect, the share of wrong answers is chance."""
    ordered = sorted(graded, key=lambda each: -each.score)
    wrong, total = 0, 0.0
    for at, each in enumerate(ordered, start=1):
        wrong += not each.right
        total += wrong / at
    return total / len(ordered)


def best_threshold(choices: Sequence[Choice], *, floor: float) -> tuple[float, float, float]:
    """The threshold of auto under which most questions are answered rightly.

    Of equally good ones the lowest, which goes the slow way least often. A question counts as
    right by the path that auto would take: fast from the threshold on, else slow, else fast
    again from the floor on.

    Returns:
        The threshold, the share of right answers, the share of questions that stay fast.

    Raises:
        ValueError: there is no question.
    """
    if not choices:
        raise ValueError("best_threshold: there must be at least one question.")
    scores = {choice.fast.score for choice in choices if choice.fast is not None}
    best: tuple[float, float, float] | None = None
    for threshold in sorted({0.0, *scores, 1.0}):
        right = sum(_right(choice, threshold, floor) for choice in choices) / len(choices)
        stays = sum(
            choice.fast is not None and choice.fast.score >= threshold for choice in choices
        )
        if best is None or right > best[1]:
            best = (threshold, right, stays / len(choices))
    assert best is not None
    return best


def _right(choice: Choice, threshold: float, floor: float) -> bool:
    if choice.fast is not None and choice.fast.score >= threshold:
        return choice.fast.right
    if choice.slow_right is not None:
        return choice.slow_right
    return choice.fast is not None and choice.fast.score >= floor and choice.fast.right


def _parts(ordered: Sequence[Graded], n: int) -> list[list[Graded]]:
    """At most n parts of like size; answers of one score stay together."""
    parts: list[list[Graded]] = [[]]
    for at, each in enumerate(ordered):
        is_full = at >= round(len(parts) * len(ordered) / n)
        if parts[-1] and is_full and parts[-1][-1].score != each.score:
            parts.append([])
        parts[-1].append(each)
    return parts
