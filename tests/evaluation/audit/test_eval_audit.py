"""Figures over the audits of an evaluation, small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest

from vprog.evaluation.audit.eval_audit import (
    AuditedCase,
    AuditedCondition,
    audit_counts,
    audit_tables,
    condition_figures,
)


def audited(name: str, *, blind: tuple[bool | None, bool], **facts: Any) -> AuditedCase:
    """A case that is right on the video as it is; `blind` is (same, right) without it."""
    same, right = blind
    return AuditedCase(
        id=name,
        video=[f"{name}.mp4"],
        conditions=[
            AuditedCondition("again", "the video as it is", 1, True, True),
            AuditedCondition("blind", "no picture and no sound", 1, right, same),
        ],
        **facts,
    )


AUDITS = [
    audited("a", blind=(True, True), rests=False),
    audited("b", blind=(False, False), rests=True),
    audited("c", blind=(False, False), rests=False),
    audited("d", blind=(None, False)),
    AuditedCase(id="e", video=["e.mp4"], error="unreadable: e.mp4 is gone"),
]


def test_each_answer_is_of_one_kind() -> None:
    assert audit_counts(AUDITS) == {
        "do not rest on the video": 1,
        "rest on what they cite": 1,
        "do not rest on what they cite": 1,
        "nothing can be said, or nothing is cited": 1,
        "could not be audited": 1,
    }


def test_conditions_are_held_against_the_video_as_it_is_where_both_are_known() -> None:
    again, blind = condition_figures(AUDITS)
    assert (again.n, again.same, again.right) == (4, 4, 4)
    assert (blind.n, blind.same, blind.right) == (3, 1, 1)  # that of d is not known
    assert blind.against is not None
    assert blind.against.difference == pytest.approx(-2 / 3)
    assert (blind.against.only_a, blind.against.only_b) == (2, 0)
    assert blind.against.p_mcnemar == 0.5


def test_the_table_gives_every_condition_a_row() -> None:
    kinds, table = audit_tables(AUDITS)
    assert [row[1:] for row in kinds.rows] == [["1", "20.0%"]] * 5
    row = next(row for row in table.rows if row[0].startswith("no picture"))
    # Differences 0, -1, -1 about their mean -2/3: sqrt(6/9 / (3 * 2)) = 0.333
    assert row[1:] == [
        "3", "1", "1", "-66.7 ± 33.3 points", "0.5000",
    ]  # fmt: skip


def test_no_audits_give_no_conditions() -> None:
    assert condition_figures([AUDITS[-1]]) == []
