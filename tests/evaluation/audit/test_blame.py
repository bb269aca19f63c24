"""What a wrong answer is lost to, from outcomes that can be counted."""

from __future__ import annotations

import pytest

from vprog.evaluation.audit.blame import ALL, BlamedCase, blame_tables


def blamed(name: str, *, was_right: bool = False, **right: bool) -> BlamedCase:
    named = {ALL if task == "all" else task: is_right for task, is_right in right.items()}
    return BlamedCase(id=name, video=[f"{name}.mp4"], was_right=was_right, right=named)


BLAMES = [
    blamed("a", detect=True, ask=False, all=True),
    blamed("b", detect=True, ask=True, all=True),
    blamed("c", detect=False, ask=False, all=True),
    blamed("d", detect=False, ask=False, all=False),
    blamed("e"),
    blamed("f", was_right=True, detect=False, ask=True, all=True),
]


@pytest.mark.parametrize(
    ("case", "lost_to"),
    list(zip(
        BLAMES,
        ("detect", "detect or ask", "several modules together", "the program", "no program ran",
         ""),
        strict=True,
    )),
)  # fmt: skip
def test_a_wrong_answer_is_lost_to(case: BlamedCase, lost_to: str) -> None:
    assert case.lost_to == lost_to


def test_true_values_can_cost_an_answer_that_two_errors_made_right() -> None:
    table, lost = blame_tables(BLAMES, ("detect", "ask"))
    assert [row[:3] for row in table.rows] == [
        ["as it is", "6", "1 (16.7%)"],
        ["detect", "6", "2 (33.3%)"],  # a and b won, f lost
        ["ask", "6", "2 (33.3%)"],
        [ALL, "6", "4 (66.7%)"],
    ]
    assert [row[2] for row in lost.rows] == ["20.0%"] * 5


def test_what_could_not_be_run_again_is_counted_apart() -> None:
    gone = BlamedCase(id="g", video=["g.mp4"], was_right=False, error="missing: ...")
    table, lost = blame_tables([gone], ("detect",))
    assert table.rows == [["as it is", "0", "0", "-", "-"]]
    assert lost.rows == [["could not be run again", "1", "100.0%"]]
