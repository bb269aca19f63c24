"""From answered questions with known answers to a calibration, and the figures beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from vprog.errors import VprogError
from vprog.evaluation.calibrate.risk_coverage import (
    AnswerPair,
    ScoredAnswer,
    area_under_risk,
    best_threshold,
    calibration_error,
    fitted_error,
    risk_coverage,
)
from vprog.evaluation.case import Case
from vprog.evaluation.judge import is_right
from vprog.exit_status import Status
from vprog.runs.isotonic import fit_rising
from vprog.runs.result import Result
from vprog.runs.stored_calibration import Calibration, Map
from vprog.settings import Settings

LEAST = 10
"""Scored answers of a path, below which no map is fitted: it would be chance."""

FAST = "fast"


@dataclass(frozen=True)
class CaseRun:
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
        return (
            self.result is not None and self.is_answered and is_right(self.case, self.result.answer)
        )

    @property
    def scored(self) -> ScoredAnswer | None:
        """Its score and whether it was right; None without an answer or without a score."""
        if self.result is None or not self.is_answered or self.result.score is None:
            return None
        return ScoredAnswer(self.result.score, self.is_right)


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


def run_cases(
    cases: Sequence[Case],
    modes: Sequence[str],
    solve: Callable[[Case, str], Result],
    listen: Callable[[CaseRun], None],
) -> list[CaseRun]:
    """Every case by every path; one that cannot be run is in the list with its reason."""
    case_runs: list[CaseRun] = []
    for case in cases:
        for mode in modes:
            try:
                case_run = CaseRun(case, mode, solve(case, mode))
            except VprogError as error:
                if error.status is Status.MISSING:  # what was named is not here: no case can be run
                    raise
                case_run = CaseRun(case, mode, None, str(error))
            case_runs.append(case_run)
            listen(case_run)
    return case_runs


def unscored_share(rights: Sequence[bool]) -> float | None:
    """The share of right answers among those without a score, under 1 however well it went.

    None of too few answers.
    """
    if len(rights) < LEAST:
        return None
    return round((sum(rights) + 0.5) / (len(rights) + 1), 4)


def fit(case_runs: Sequence[CaseRun], settings: Settings) -> Fitted:
    """The calibration of a preset and strategy from what its paths answered.

    The scores are those of results: after a strategy's choice among its attempts, never before.
    """
    notes: list[str] = []
    maps: dict[str, Map] = {}
    figures: list[PathFigures] = []
    for mode in dict.fromkeys(case_run.mode for case_run in case_runs):
        of_mode = [case_run for case_run in case_runs if case_run.mode == mode]
        paths = (case_run.result.path for case_run in of_mode if case_run.result is not None)
        path = next((path for path in paths if path), mode)
        scored = [case_run.scored for case_run in of_mode if case_run.scored is not None]
        figures.append(_figures(path, of_mode, scored))
        kinds = {answer.right for answer in scored}
        if len(scored) < LEAST or len(kinds) < 2:
            notes.append(
                f"{path}: not calibrated: {len(scored)} scored answers"
                + (f", all {'right' if True in kinds else 'wrong'}" if len(kinds) == 1 else "")
                + f"; it takes at least {LEAST}, right ones and wrong ones."
            )
            continue
        rising = fit_rising(
            [answer.score for answer in scored], [answer.right for answer in scored]
        )
        maps[path] = Map(
            scores=list(rising.scores), values=list(rising.values), n_answers=len(scored),
            unscored=unscored_share(
                [run.is_right for run in of_mode if run.is_answered and run.scored is None]
            ),
        )  # fmt: skip
    pairs = _pairs(case_runs)
    auto = None
    if len(pairs) >= LEAST:
        auto = best_threshold(pairs, floor=settings.floor)
    elif any(case_run.mode == FAST for case_run in case_runs):
        notes.append(f"threshold: not fitted: {len(pairs)} cases; it takes at least {LEAST}.")
    calibration = Calibration(
        preset=settings.preset,
        strategy=settings.strategy,
        llm=settings.llm,
        vlm=settings.vlm,
        made=date.today().isoformat(),
        n_cases=len({case_run.case.line for case_run in case_runs}),
        threshold=auto[0] if auto is not None else None,
        maps=maps,
    )
    return Fitted(calibration, figures, auto, notes)


def _pairs(case_runs: Sequence[CaseRun]) -> list[AnswerPair]:
    """Each case answered by both paths; [] where only one ran."""
    by_case: dict[int, dict[str, CaseRun]] = {}
    for case_run in case_runs:
        by_case.setdefault(case_run.case.line, {})[case_run.mode] = case_run
    return [
        AnswerPair(by_mode[FAST].scored, slow.is_right if slow.is_answered else None)
        for by_mode in by_case.values()
        if FAST in by_mode and (slow := by_mode.get("slow")) is not None
    ]


def _figures(
    path: str, case_runs: Sequence[CaseRun], scored: Sequence[ScoredAnswer]
) -> PathFigures:
    results = [case_run.result for case_run in case_runs if case_run.result is not None]
    n = max(1, len(results))
    return PathFigures(
        path=path,
        n_cases=len(case_runs),
        n_answered=sum(case_run.is_answered for case_run in case_runs),
        n_right=sum(case_run.is_right for case_run in case_runs),
        n_scored=len(scored),
        error_before=calibration_error(scored) if scored else None,
        error_after=fitted_error(scored),
        mean_risk=area_under_risk(scored) if scored else None,
        curve=risk_coverage(scored),
        seconds=sum(result.cost.seconds for result in results) / n,
        llm_calls=sum(result.cost.llm_calls for result in results) / n,
        module_calls=sum(result.cost.module_calls["issued"] for result in results) / n,
    )
