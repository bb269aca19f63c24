"""The figures of an evaluation: made of its scored cases alone.

Whatever is not a right answer counts as wrong in the accuracy, and stands beside it as what it
was: wrong, abstained, failed.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vprog.evaluation.baselines import GuessedCase, guess
from vprog.evaluation.calibrate.risk_coverage import (
    ScoredAnswer,
    area_under_risk,
    calibration_error,
    risk_coverage,
)
from vprog.evaluation.error_bars import clustered_error
from vprog.evaluation.judge import read_number
from vprog.evaluation.kept_list import Chosen, chosen
from vprog.evaluation.metrics import (
    ChainQuestion,
    StepScore,
    accuracy_of_sets,
    arithmetic_mean,
    chain_metrics,
    is_joint_hit,
    log_geometric_mean,
    mean_accuracy_of_groups,
    mean_step_score,
    recall_at,
    success_of_first,
)
from vprog.evaluation.results.scored_case import ScoredCase


class GroupFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of some cases; shares in [0, 1]."""

    name: str
    n: int
    right: int
    wrong: int
    abstained: int
    failed: int
    accuracy: float
    """Right ones among all."""
    error: float | None
    """Its standard error, clustered by video; None where it cannot be known."""
    coverage: float
    """Answered ones among all."""
    accuracy_answered: float | None
    """Right answers among answers; None without one."""
    majority: float | None = None
    """What the best constant answer gets; see vprog/evaluation/baselines.py."""
    text_only: float | None = None
    """What the best constant answer for the words of each question gets."""


class CostFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Means over cases, but for `seconds_total`."""

    seconds_total: float
    seconds_cold: float | None
    """Of cases for which a module or model worked."""
    seconds_warm: float | None
    """Of cases whose module calls were all cached."""
    n_warm: int
    llm_calls: float
    tokens_in: float
    tokens_out: float
    frames_decoded: float
    calls: float
    """Module calls issued."""
    executed: float


class EvalSummary(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a run."""

    overall: GroupFigures
    groups: dict[str, list[GroupFigures]]
    """By kind of group."""
    metrics: dict[str, float]
    """Means of what benchmarks report; see vprog/evaluation/metrics."""
    curve: list[tuple[float, float, float]]
    """Risk and coverage: rows of score, coverage, risk; see risk_coverage."""
    aurc: float | None
    """Area under it."""
    ece: float | None
    """Expected calibration error of the scores, or of the confidences where all have one."""
    is_calibrated: bool
    """Whether curve and error are of confidences."""
    cost: CostFigures
    failures: dict[str, int]
    """By the code of the error, most first: of cases without an answer."""
    n_unanswerable: int
    judge: str
    strict_accuracy: float
    """By grammar alone."""


def summarise(
    cases: Sequence[ScoredCase], guessed: Sequence[GuessedCase] | None = None
) -> EvalSummary:
    """The figures of scored cases.

    Args:
        cases: what is reported; they are gone through several times, and none is held.
        guessed: the same, as who does not look sees them; without them there are no baselines.

    Raises:
        ValueError: there is none.
    """
    if not cases:
        raise ValueError("summarise: there must be at least one case.")
    answered = chosen(cases, lambda case: case.is_answered)
    is_calibrated = bool(answered) and all(case.confidence is not None for case in answered)
    same: dict[ScoredAnswer, ScoredAnswer] = {}
    scored = [
        same.setdefault(answer, answer)
        for case in answered
        if (score := case.confidence if is_calibrated else case.score) is not None
        for answer in [ScoredAnswer(score, case.is_right)]
    ]
    failures = Counter(case.error or case.status for case in cases if not case.is_answered)
    return EvalSummary(
        overall=_figures("all", cases, guessed or ()),
        groups=_groups(cases, guessed or ()),
        metrics=_metrics(cases),
        curve=risk_coverage(scored),
        aurc=area_under_risk(scored) if scored else None,
        ece=calibration_error(scored) if scored else None,
        is_calibrated=is_calibrated,
        cost=_cost(cases),
        failures=dict(sorted(failures.items(), key=lambda item: (-item[1], item[0]))),
        n_unanswerable=sum(not case.is_answerable for case in cases),
        judge=", ".join(sorted({case.judge for case in cases})),
        strict_accuracy=sum(case.strict_verdict == "right" for case in cases) / len(cases),
    )


def _figures(
    name: str, cases: Sequence[ScoredCase], guessed: Sequence[GuessedCase]
) -> GroupFigures:
    baselines = guess(guessed) if guessed else None
    verdicts = Counter(case.verdict for case in cases)
    n_answered = sum(case.is_answered for case in cases)
    numbers: dict[tuple[str, ...], int] = {}
    videos = array("L", (numbers.setdefault(tuple(it.video), len(numbers)) for it in cases))
    return GroupFigures(
        name=name,
        n=len(cases),
        right=verdicts["right"],
        wrong=verdicts["wrong"],
        abstained=verdicts["abstained"],
        failed=verdicts["failed"],
        accuracy=verdicts["right"] / len(cases),
        error=clustered_error(array("d", (case.is_right for case in cases)), videos),
        coverage=n_answered / len(cases),
        accuracy_answered=_mean(case.is_right for case in cases if case.is_answered),
        majority=baselines.majority / len(cases) if baselines else None,
        text_only=baselines.text_only / len(cases) if baselines else None,
    )


def _groups(
    cases: Sequence[ScoredCase], guessed: Sequence[GuessedCase]
) -> dict[str, list[GroupFigures]]:
    members: defaultdict[str, defaultdict[str, array[int]]] = defaultdict(
        lambda: defaultdict(lambda: array("L"))
    )
    for place, case in enumerate(cases):
        for kind, name in case.groups.items():
            members[kind][name].append(place)
    return {
        kind: [
            _figures(name, Chosen(cases, places), Chosen(guessed, places) if guessed else ())
            for name, places in sorted(of_kind.items(), key=_place)
        ]
        for kind, of_kind in sorted(members.items())
    }


def _place(item: tuple[str, object]) -> tuple[float, str]:
    """Numbers by size, so that a sweep of difficulty reads from easy to hard; then texts."""
    number = read_number(item[0])
    return (math.inf if number is None else number, item[0])


def _metrics(cases: Sequence[ScoredCase]) -> dict[str, float]:
    """What the cases have the truth for, by the names under which benchmarks report it."""
    metrics: dict[str, float] = {}
    for kind in sorted({kind for case in cases for kind in case.groups}):
        of_kind: defaultdict[str, list[bool]] = defaultdict(list)
        for case in cases:
            if kind in case.groups:
                of_kind[case.groups[kind]].append(case.is_right)
        metrics[f"mean accuracy by {kind}"] = mean_accuracy_of_groups(of_kind)  # type: ignore[arg-type]
    together = chosen(cases, lambda case: bool(case.together))
    if together:
        metrics["accuracy of sets"] = accuracy_of_sets(
            [case.is_right for case in together], [case.together for case in together]
        )
    tious = [case.metrics["tiou"] for case in cases if "tiou" in case.metrics]
    if tious:
        metrics["mIoU"] = math.fsum(tious) / len(tious)
        for threshold in (0.3, 0.5, 0.7):
            metrics[f"R@1, tIoU>={threshold}"] = recall_at(tious, threshold)
        iops = [case.metrics["iop"] for case in cases if "iop" in case.metrics]
        metrics["mIoP"] = math.fsum(iops) / len(iops)
        metrics["IoP>=0.5"] = recall_at(iops, 0.5)
    grounded = [case.metrics["acc_gqa"] for case in cases if "acc_gqa" in case.metrics]
    if grounded:
        metrics["Acc@GQA"] = math.fsum(grounded) / len(grounded)
    vious = [case.metrics["viou"] for case in cases if "viou" in case.metrics]
    if vious:
        metrics["m_vIoU"] = math.fsum(vious) / len(vious)
        for threshold in (0.3, 0.5):
            metrics[f"vIoU>={threshold}"] = recall_at(vious, threshold)
    whole = chosen(cases, lambda case: {"tiou", "viou"} <= case.metrics.keys())
    if whole:
        shares = (
            sum(case.is_right for case in whole) / len(whole),
            math.fsum(case.metrics["tiou"] for case in whole) / len(whole),
            math.fsum(case.metrics["box_iou"] for case in whole) / len(whole),
        )
        metrics["AM"] = arithmetic_mean(*shares)
        metrics["LGM"] = log_geometric_mean(*shares)
        metrics["what, when and where"] = sum(
            case.is_right and is_joint_hit(case.metrics["tiou"], case.metrics["box_iou"])
            for case in whole
        ) / len(whole)
    metrics |= chain_metrics(_chain_questions(cases))
    masked = [case.metrics for case in cases if "j" in case.metrics]
    if masked:
        j, f = (math.fsum(of[name] for of in masked) / len(masked) for name in ("j", "f"))
        metrics |= {"J": j, "F": f, "J&F": (j + f) / 2}
    metrics |= _step_metrics([case.metrics for case in cases if "steps" in case.metrics])
    plans = [case.metrics["plan_possible"] for case in cases if "plan_possible" in case.metrics]
    if plans:
        metrics["moves of plans that can be made"] = math.fsum(plans) / len(plans)
    return {name: round(value, 6) for name, value in metrics.items()}


def _chain_questions(cases: Sequence[ScoredCase]) -> Iterator[ChainQuestion]:
    """Those of cases with the groups `chain` and `asks`; of one row are those that are together."""
    for case in cases:
        if "chain" not in case.groups:
            continue
        match case.groups.get("asks"):
            case "what":
                yield ChainQuestion(case.together, "", "what", float(case.is_right))
            case "when" if "tiou" in case.metrics:
                chain = case.groups["chain"]
                yield ChainQuestion(case.together, chain, "when", case.metrics["tiou"])
            case "where" if "box_iou" in case.metrics:
                chain = case.groups["chain"]
                yield ChainQuestion(case.together, chain, "where", case.metrics["box_iou"])


def _step_metrics(stepped: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Precision, recall and F1 of steps, their accuracy, and success up to each."""
    if not stepped:
        return {}
    scores = [StepScore(of["step_precision"], of["step_recall"], 0.0) for of in stepped]
    precision, recall, f1 = mean_step_score(scores)
    rates = success_of_first([(int(of["first_steps_right"]), int(of["steps"])) for of in stepped])
    return {
        "step precision": precision,
        "step recall": recall,
        "step F1": f1,
        "step accuracy": math.fsum(of["step_accuracy"] for of in stepped) / len(stepped),
        **{f"success up to step {number}": rate for number, rate in enumerate(rates, start=1)},
    }


def _cost(cases: Sequence[ScoredCase]) -> CostFigures:
    n = len(cases)
    warm = array("d", (case.seconds for case in cases if case.is_warm))
    cold = (
        case.seconds
        for case in cases
        if not case.is_warm and (case.calls.get("executed", 0) or case.llm_calls)
    )
    return CostFigures(
        seconds_total=round(math.fsum(case.seconds for case in cases), 3),
        seconds_cold=_mean(cold),
        seconds_warm=_mean(warm),
        n_warm=len(warm),
        llm_calls=sum(case.llm_calls for case in cases) / n,
        tokens_in=sum(case.tokens_in for case in cases) / n,
        tokens_out=sum(case.tokens_out for case in cases) / n,
        frames_decoded=sum(case.frames_decoded for case in cases) / n,
        calls=sum(case.calls.get("issued", 0) for case in cases) / n,
        executed=sum(case.calls.get("executed", 0) for case in cases) / n,
    )


def _mean(values: Iterable[float]) -> float | None:
    items = array("d", values)
    return math.fsum(items) / len(items) if items else None
