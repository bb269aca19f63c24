"""What strategies win and lose against the first of them, case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vprog.evaluation.error_bars import compare_pairs, p_text
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.evaluation.results.scored_case import ScoredCase


def drift_table(results: Mapping[str, Sequence[ScoredCase]]) -> ReportTable:
    """What each further strategy wins and loses against the first, case by case.

    Where the first answers directly and another reasons, what the first alone has right is drift:
    reasoning that led away from a right answer.

    Source: When Thinking Drifts (Video-VER), 2025.
    """
    first, *others = results
    known = {case.id: case for case in results[first]}
    rows = []
    for name in others:
        pairs = [(known[case.id], case) for case in results[name] if case.id in known]
        against = compare_pairs(
            [one.is_right for one, _ in pairs],
            [other.is_right for _, other in pairs],
            [tuple(one.video) for one, _ in pairs],
        )
        both = sum(one.is_right and other.is_right for one, other in pairs)
        counts = (both, against.only_a, against.only_b)
        shares = [f"{count} ({count / against.n:.1%})" for count in counts]
        rows.append([name, str(against.n), *shares, p_text(against.p_mcnemar)])
    return ReportTable(
        name="drift",
        title=f"Against {first}, case by case",
        head=["strategy", "cases", "both right", f"{first} alone (drift)", "this alone",
              "p, McNemar exact"],
        rows=rows,
        note=f"Where {first} answers directly and another reasons, what {first} alone has right is "
        "drift: reasoning that led away from it.",
    )  # fmt: skip
