"""Audits of all answers of an evaluation: how many rest on what they cite, or on the video at all.

Each answered case is audited as `vprog audit` does it, and what came of it under each condition is
judged as the evaluation judged it. Accuracy under a condition is held against that on the video as
it is, paired by case and clustered by video.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError, VprogError
from vprog.evaluation.audit.ablations import AGAIN, BLIND
from vprog.evaluation.audit.audit_run import audit
from vprog.evaluation.case import Case
from vprog.evaluation.error_bars import PairedComparison, compare_pairs, p_text
from vprog.evaluation.judge import is_right
from vprog.evaluation.results.eval_folder import (
    add_tables,
    archived_cases,
    read_results,
    trace_folder,
)
from vprog.evaluation.results.json_lines import go_on
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.replays.run_changed import ReplayRuntimes

AUDITS = "audits.jsonl"


class AuditedCondition(msgspec.Struct, frozen=True):
    """What came of a case under one condition."""

    name: str
    what: str
    answer: Any
    right: bool
    same: bool | None
    """Whether it is the answer of the evaluation; None where that cannot be said."""
    why: str = ""


class AuditedCase(msgspec.Struct, frozen=True, kw_only=True):
    """The audit of one answer; `error` says why there is none."""

    id: str
    video: list[str]
    made_of: str = ""
    """The audited run, and the digest of the settings that were named."""
    rests: bool | None = None
    verdict: str = ""
    error: str = ""
    conditions: list[AuditedCondition] = []


@dataclass(frozen=True)
class ConditionFigures:
    """All cases under one condition; `against` holds them against the video as it is.

    Attributes:
        what: the condition in words.
        n: cases whose outcome under it is known, and was known on the video as it is.
        same: those with the answer of the evaluation.
        right: those that are right.
        against: None where no case is known.
    """

    what: str
    n: int
    same: int
    right: int
    against: PairedComparison | None


def audit_evaluation(
    folder: Path,
    *,
    listen: Callable[[AuditedCase], None] = lambda audited: None,
    **settings: Any,
) -> list[AuditedCase]:
    """Audit every answer of an evaluation, and add what came of it to its report.

    Each audit is kept as a line of audits.jsonl as it is made; those that are there already, and
    did not fail, are not made again.

    Args:
        folder: that `vprog eval -o` wrote; the videos lie where they lay.
        listen: is told of each audit that is made.
        **settings: as of vprog.audit; `vlm` must be named again where the runs had one.

    Raises:
        UsageError: the folder has no results, or none of its cases was answered.
    """
    answered = {row.id: row for row in read_results(folder) if row.is_answered and row.trace}
    cases = [case for case in archived_cases(folder) if case.id in answered]
    if not cases:
        raise UsageError(
            f"{folder}: no case was answered, so there is nothing to audit.",
            hint="Name the folder of an evaluation with answers.",
        )
    digest = settings_digest(settings)
    traces = {case.id: trace_folder(folder, str(answered[case.id].trace)) for case in cases}
    by_id = {case.id: case for case in cases}
    with ReplayRuntimes() as runtimes:
        audits = go_on(
            folder / AUDITS,
            AuditedCase,
            ((key, f"{trace.name} {digest}") for key, trace in traces.items()),
            lambda key, made_of: _audited(by_id[key], traces[key], made_of, runtimes, settings),
            listen,
        )
    add_tables(folder, audit_tables(audits))
    return audits


def audit_tables(audits: Sequence[AuditedCase]) -> list[ReportTable]:
    """Audited answers by kind, and their accuracy under each condition."""
    return [
        ReportTable(
            name="audit-kinds",
            title="What answers rest on",
            head=["answers", "of", str(len(audits))],
            rows=[
                [kind, str(n), f"{n / len(audits):.1%}"]
                for kind, n in audit_counts(audits).items()
            ],
        ),
        ReportTable(
            name="audit",
            title="The programs of the answers, run again on less",
            head=["with", "cases", "same answer", "right", "against the video as it is",
                  "p, McNemar exact"],
            rows=[_condition_row(row) for row in condition_figures(audits)],
            note="The program of each answer stays as it is; paired by case, clustered by video.",
        ),
    ]  # fmt: skip


def condition_figures(audits: Sequence[AuditedCase]) -> list[ConditionFigures]:
    """A row for each condition, in the order in which audits have them."""
    words = {row.name: row.what for audited in audits for row in audited.conditions}
    return [_figures(name, what, audits) for name, what in words.items()]


def audit_counts(audits: Sequence[AuditedCase]) -> dict[str, int]:
    """How many answers are of which kind, in words; each answer is of one."""
    return dict(Counter(_kind(audited) for audited in audits))


def _condition_row(row: ConditionFigures) -> list[str]:
    difference = p_value = "-"
    if row.against is not None and row.n:
        error = "" if row.against.error is None else f" ± {100 * row.against.error:.1f}"
        difference = f"{100 * row.against.difference:+.1f}{error} points"
        p_value = p_text(row.against.p_mcnemar)
    return [row.what, str(row.n), str(row.same), str(row.right), difference, p_value]


def settings_digest(settings: Mapping[str, Any]) -> str:
    """12 hexadecimal digits that change with the settings that are named."""
    named = repr(sorted((name, str(value)) for name, value in settings.items()))
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def _audited(
    case: Case, trace: Path, made_of: str, runtimes: ReplayRuntimes, settings: dict[str, Any]
) -> AuditedCase:
    video = list(case.names)
    try:
        result = audit(trace, runtimes=runtimes, **settings)
    except VprogError as error:  # of one case: the others are audited all the same
        why = f"{error.code}: {error.message}"
        return AuditedCase(id=case.id, video=video, made_of=made_of, error=why)
    return AuditedCase(
        id=case.id,
        video=video,
        made_of=made_of,
        rests=result.rests,
        verdict=result.verdict,
        conditions=[
            AuditedCondition(
                row.name,
                row.what,
                msgspec.to_builtins(row.answer),
                row.answer is not None and is_right(case, row.answer),
                row.is_same,
                row.why,
            )
            for row in result.ablations
        ],
    )


def _kind(audited: AuditedCase) -> str:
    same = {row.name: row.same for row in audited.conditions}
    if audited.error:
        return "could not be audited"
    if audited.rests:
        return "rest on what they cite"
    if same.get(AGAIN) and same.get(BLIND):
        return "do not rest on the video"
    if audited.rests is False:
        return "do not rest on what they cite"
    return "nothing can be said, or nothing is cited"


def _figures(name: str, what: str, audits: Sequence[AuditedCase]) -> ConditionFigures:
    pairs: list[tuple[AuditedCondition, AuditedCondition, tuple[str, ...]]] = []
    for audited in audits:
        rows = {row.name: row for row in audited.conditions if row.same is not None}
        if name in rows and AGAIN in rows:
            pairs.append((rows[AGAIN], rows[name], tuple(audited.video)))
    right = [row.right for _, row, _ in pairs]
    against = None
    if pairs:
        against = compare_pairs(
            [again.right for again, _, _ in pairs], right, [video for _, _, video in pairs]
        )
    same = sum(bool(row.same) for _, row, _ in pairs)
    return ConditionFigures(what, len(pairs), same, sum(right), against)
