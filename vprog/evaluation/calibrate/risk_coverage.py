"""How far scores can be trusted: calibration error, risk and coverage, the best threshold.

Pure arithmetic over answered questions whose right answers are known.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.runs.isotonic import fit_rising

BINS = 10
FOLDS = 5


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One answer with its score, and whether it was right."""

    score: float
    right: bool


@dataclass(frozen=True)
class AnswerPair:
    """One question answered by both paths; None where one gave no answer."""

    fast: ScoredAnswer | None
    slow_right: bool | None


def calibration_error(answers: Sequence[ScoredAnswer], bins: int = BINS) -> float:
    """Expected calibration error: mean distance of score and accuracy, over bins of like size.

    Raises:
        ValueError: there is no answer.
    """
    if not answers:
        raise ValueError("calibration_error: there must be at least one answer.")
    ordered = sorted(answers, key=lambda answer: answer.score)
    error = 0.0
    for group in _parts(ordered, min(bins, len(ordered))):
        mean = math.fsum(answer.score for answer in group) / len(group)
        share = sum(answer.right for answer in group) / len(group)
        error += abs(mean - share) * len(group) / len(ordered)
    return error


def fitted_error(answers: Sequence[ScoredAnswer]) -> float | None:
    """The same after fitting, each answer judged by a map fitted without it; None below 2 x 5."""
    if len(answers) < 2 * FOLDS:
        return None
    # Dealt out by score: a file of cases may have a rhythm of its own.
    dealt = sorted(answers, key=lambda answer: (answer.score, answer.right))
    judged: list[ScoredAnswer] = []
    for fold in range(FOLDS):
        rest = [answer for index, answer in enumerate(dealt) if index % FOLDS != fold]
        mapped = fit_rising([answer.score for answer in rest], [answer.right for answer in rest])
        judged += [
            ScoredAnswer(mapped(answer.score), answer.right)
            for index, answer in enumerate(dealt)
            if index % FOLDS == fold
        ]
    return calibration_error(judged)


def risk_coverage(answers: Sequence[ScoredAnswer]) -> list[tuple[float, float, float]]:
    """What answering only from a score on costs: (score, coverage, risk), most sure first.

    Coverage is the share of answers with at least that score, risk the share of wrong ones
    among these. One row for each score that occurs.
    """
    ordered = sorted(answers, key=lambda answer: -answer.score)
    rows: list[tuple[float, float, float]] = []
    wrong = 0
    for n, answer in enumerate(ordered, start=1):
        wrong += not answer.right
        if n == len(ordered) or ordered[n].score != answer.score:
            rows.append((answer.score, n / len(ordered), wrong / n))
    return rows


def area_under_risk(answers: Sequence[ScoredAnswer]) -> float:
    """Mean risk over all coverages: 0 is perfect, the share of wrong answers is chance.

    Answers of one score are taken in any order: each counts as wrong as they are on the mean.
    """
    ordered = sorted(answers, key=lambda answer: -answer.score)
    wrong, total, n = 0.0, 0.0, 0
    for _, group in itertools.groupby(ordered, key=lambda answer: answer.score):
        alike = list(group)
        share = sum(not answer.right for answer in alike) / len(alike)
        for _ in alike:
            n += 1
            wrong += share
            total += wrong / n
    return total / n


def best_threshold(pairs: Sequence[AnswerPair], *, floor: float) -> tuple[float, float, float]:
    """The threshold of auto under which most questions are answered rightly.

    Of equally good ones the lowest, which takes the slow path least often. A question counts as
    right by the path that auto would take: fast from the threshold on, else slow, else fast
    again from the floor on.

    Returns:
        The threshold, the share of right answers, the share of questions that stay fast.

    Raises:
        ValueError: there is no question.
    """
    if not pairs:
        raise ValueError("best_threshold: there must be at least one question.")
    scores = {pair.fast.score for pair in pairs if pair.fast is not None}
    best: tuple[float, float, float] | None = None
    for threshold in sorted({0.0, *scores, 1.0}):
        right = sum(_right(pair, threshold, floor) for pair in pairs) / len(pairs)
        stays = sum(pair.fast is not None and pair.fast.score >= threshold for pair in pairs)
        if best is None or right > best[1]:
            best = (threshold, right, stays / len(pairs))
    assert best is not None
    return best


def _right(pair: AnswerPair, threshold: float, floor: float) -> bool:
    if pair.fast is not None and pair.fast.score >= threshold:
        return pair.fast.right
    if pair.slow_right is not None:
        return pair.slow_right
    return pair.fast is not None and pair.fast.score >= floor and pair.fast.right


def _parts(ordered: Sequence[ScoredAnswer], n: int) -> list[list[ScoredAnswer]]:
    """At most n parts of like size; answers of one score stay together."""
    parts: list[list[ScoredAnswer]] = [[]]
    for index, answer in enumerate(ordered):
        is_full = index >= round(len(parts) * len(ordered) / n)
        if parts[-1] and is_full and parts[-1][-1].score != answer.score:
            parts.append([])
        parts[-1].append(answer)
    return parts
