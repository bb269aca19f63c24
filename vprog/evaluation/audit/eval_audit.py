"""Audits of all answers of an evaluation: how many rest on what they cite, or on the video at all.

Each answered case is audited as `vprog audit` does it, and what came of it under each condition is
judged as the evaluation judged it. Accuracy under a condition is held against that on the video as
it is, paired by case and clustered by video.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from vprog.errors import UsageError, VprogError
from vprog.evaluation.audit.audit_run import audit
from vprog.evaluation.audit.audit_summary import AGAIN, BLIND
from vprog.evaluation.case import Case
from vprog.evaluation.error_bars import PairedComparison, compare_pairs, p_text
from vprog.evaluation.judge import is_right
from vprog.evaluation.results.eval_folder import archived_cases, read_results, trace_folder
from vprog.evaluation.results.report.report_files import markdown_table

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
    """Audit every answer of an evaluation, and keep each audit as a line of audits.jsonl.

    Args:
        folder: that `vprog eval -o` wrote; the videos lie where they lay.
        listen: is told of each audit.
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
    audits = []
    with (folder / AUDITS).open("wb") as file:
        for case in cases:
            trace = trace_folder(folder, str(answered[case.id].trace))
            audited = _audited(case, trace, settings)
            file.write(msgspec.json.encode(audited) + b"\n")
            file.flush()
            listen(audited)
            audits.append(audited)
    return audits


def condition_figures(audits: Sequence[AuditedCase]) -> list[ConditionFigures]:
    """A row for each condition, in the order in which audits have them."""
    words = {row.name: row.what for audited in audits for row in audited.conditions}
    return [_figures(name, what, audits) for name, what in words.items()]


def audit_counts(audits: Sequence[AuditedCase]) -> dict[str, int]:
    """How many answers are of which kind, in words; each answer is of one."""
    return dict(Counter(_kind(audited) for audited in audits))


def audit_markdown(n: int, counts: Mapping[str, int], rows: Sequence[ConditionFigures]) -> str:
    """Audited answers by kind, and their accuracy under each condition."""
    kinds = [
        ["answers", "of", str(n)],
        *([kind, str(k), f"{k / n:.1%}"] for kind, k in counts.items()),
    ]
    table = [
        ["with", "cases", "same answer", "right", "against the video as it is", "p, McNemar exact"]
    ]
    for row in rows:
        against = row.against
        difference = p_value = "-"
        if against is not None and row.n:
            error = "" if against.error is None else f" ± {100 * against.error:.1f}"
            difference = f"{100 * against.difference:+.1f}{error} points"
            p_value = p_text(against.p_mcnemar)
        table.append([row.what, str(row.n), str(row.same), str(row.right), difference, p_value])
    return f"{markdown_table(kinds)}\n{markdown_table(table)}"


def _audited(case: Case, trace: Path, settings: dict[str, Any]) -> AuditedCase:
    try:
        result = audit(trace, **settings)
    except VprogError as error:  # of one case: the others are audited all the same
        return AuditedCase(
            id=case.id, video=list(case.names), error=f"{error.code}: {error.message}"
        )
    return AuditedCase(
        id=case.id,
        video=list(case.names),
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
