"""From answered questions with known answers to a calibration, and the figures beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from vprog.config import Settings
from vprog.errors import VprogError
from vprog.evaluation.calibrate.risk_coverage import (
    Choice,
    Graded,
    area_under_risk,
    best_threshold,
    calibration_error,
    fitted_error,
    risk_coverage,
)
from vprog.evaluation.labelled import Case
from vprog.runs.calibration import Calibration, Map
from vprog.runs.isotonic import fit_rising
from vprog.runs.result import Result

LEAST = 10
"""Scored answers of a path, below which no map is fitted: it would be chance."""

FAST = "fast"


@dataclass(frozen=True)
class Asked:
    """One case, answered by one path; `result` is None where the input itself failed."""

    case: Case
    mode: str
    result: Result | None
    problem: str = ""

    @property
    def is_answered(self) -> bool:
        return self.result is not None and self.result.status == "answered"

    @property
    def is_right(self) -> bool:
        return self.result is not None and self.is_answered and self.case.is_right(
            self.result.answer
        )  # fmt: skip

    @property
    def graded(self) -> Graded | None:
        """Its score and whether it was right; None without an answer or without a score."""
        if self.result is None or not self.is_answered or self.result.score is None:
            return None
        return Graded(self.result.score, self.is_right)


@dataclass(frozen=True)
class PathFigures:
    """What the answers of one path are worth and cost."""

    path: str
    n_cases: int
    n_answered: int
    n_right: int
    n_scored: int
    error_before: float | None
    """Calibration error of the scores as they are."""
    error_after: float | None
    """Of the fitted confidence, each answer judged by a map fitted without it."""
    mean_risk: float | None
    curve: list[tuple[float, float, float]]
    """Rows of score, coverage, risk."""
    seconds: float
    """Mean, of a question."""
    llm_calls: float
    module_calls: float


@dataclass(frozen=True)
class Fitted:
    """What came of it; `auto` is (threshold, share right, share that stays fast)."""

    calibration: Calibration
    figures: list[PathFigures]
    auto: tuple[float, float, float] | None = None
    notes: list[str] = field(default_factory=list)


def ask_all(
    cases: Sequence[Case],
    modes: Sequence[str],
    solve: Callable[[Case, str], Result],
    listen: Callable[[Asked], None],
) -> list[Asked]:
    """Every case by every path; one that cannot be asked is kept with its reason."""
    asked: list[Asked] = []
    for case in cases:
        for mode in modes:
            try:
                made = Asked(case, mode, solve(case, mode))
            except VprogError as error:
                if error.exit_code == 4:  # what was named is not here: no case can be asked
                    raise
                made = Asked(case, mode, None, str(error))
            asked.append(made)
            listen(made)
    return asked


def fit(asked: Sequence[Asked], settings: Settings) -> Fitted:
    """The calibration of a preset and strategy from what its paths answered.

    The scores are those of results: after a strategy's choice among its tries, never before.
    """
    notes: list[str] = []
    maps: dict[str, Map] = {}
    figures: list[PathFigures] = []
    for mode in dict.fromkeys(each.mode for each in asked):
        mine = [each for each in asked if each.mode == mode]
        path = next((each.result.path for each in mine if each.result and each.result.path), mode)
        graded = [each for each in (one.graded for one in mine) if each is not None]
        figures.append(_figures(path, mine, graded))
        kinds = {each.right for each in graded}
        if len(graded) < LEAST or len(kinds) < 2:
            notes.append(
                f"{path}: not calibrated: {len(graded)} scored answers"
                + (f", all {'right' if True in kinds else 'wrong'}" if len(kinds) == 1 else "")
                + f"; it takes at least {LEAST}, right ones and wrong ones."
            )
            continue
        rising = fit_rising([each.score for each in graded], [each.right for each in graded])
        maps[path] = Map(
            scores=list(rising.scores), values=list(rising.values), n_answers=len(graded)
        )
    choices = _choices(asked)
    auto = None
    if len(choices) >= LEAST:
        auto = best_threshold(choices, floor=settings.floor)
    elif any(each.mode == FAST for each in asked):
        notes.append(f"threshold: not fitted: {len(choices)} cases; it takes at least {LEAST}.")
    calibration = Calibration(
        preset=settings.preset,
        strategy=settings.strategy,
        llm=settings.llm,
        vlm=settings.vlm,
        made=date.today().isoformat(),
        n_cases=len({each.case.line for each in asked}),
        threshold=auto[0] if auto is not None else None,
        maps=maps,
    )
    return Fitted(calibration, figures, auto, notes)


def _choices(asked: Sequence[Asked]) -> list[Choice]:
    """Each case answered both ways; [] unless both ways were gone."""
    by_case: dict[int, dict[str, Asked]] = {}
    for each in asked:
        by_case.setdefault(each.case.line, {})[each.mode] = each
    return [
        Choice(ways[FAST].graded, slow.is_right if slow.is_answered else None)
        for ways in by_case.values()
        if FAST in ways and (slow := ways.get("slow")) is not None
    ]


def _figures(path: str, mine: Sequence[Asked], graded: Sequence[Graded]) -> PathFigures:
    results = [each.result for each in mine if each.result is not None]
    n = max(1, len(results))
    return PathFigures(
        path=path,
        n_cases=len(mine),
        n_answered=sum(each.is_answered for each in mine),
        n_right=sum(each.is_right for each in mine),
        n_scored=len(graded),
        error_before=calibration_error(graded) if graded else None,
        error_after=fitted_error(graded),
        mean_risk=area_under_risk(graded) if graded else None,
        curve=risk_coverage(graded),
        seconds=sum(result.cost.seconds for result in results) / n,
        llm_calls=sum(result.cost.llm_calls for result in results) / n,
        module_calls=sum(result.cost.module_calls["issued"] for result in results) / n,
    )
