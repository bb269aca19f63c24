"""Arms against the video as it is, and the four classes, from cases that can be counted."""

from __future__ import annotations

from tests.evaluation.results.test_summary import scored
from vprog.evaluation.results import arm_tables
from vprog.evaluation.results.arm_table import question_classes
from vprog.evaluation.results.scored_case import ScoredCase

RIGHT = {
    # id: (as it is, text only, shuffled)
    "0": (True, True, True),
    "1": (True, False, True),
    "2": (True, False, False),
    "3": (False, False, True),
    "4": (False, True, False),
    "5": (False, False, False),
}


def side(place: int, *left_out: str) -> dict[str, ScoredCase]:
    return {
        key: scored(int(key), "right" if right[place] else "wrong")
        for key, right in RIGHT.items()
        if key not in left_out
    }


def test_classes_are_the_first_that_holds() -> None:
    classes = question_classes(list(side(0).values()), side(1), side(2))
    assert classes == {
        "0": "without the video",
        "1": "semantic",
        "2": "temporal",
        "3": "other",
        "4": "without the video",
        "5": "other",
    }


def test_arms_are_held_against_the_same_cases_as_they_are() -> None:
    by_arm = {"text_only": side(1), "shuffled": side(2), "none_of_these": side(2, "0", "1")}
    arms, classes = arm_tables(list(side(0).values()), by_arm)
    # Differences of text_only: 0 -1 -1 0 1 0, by videos (0 1) (2 3) (4 5) about their mean -1/6
    assert arms.rows[0][:4] == ["neither picture nor sound", "6", "2 (33.3%)", "3 (50.0%)"]
    assert arms.rows[0][4].startswith("-16.7 ± ")
    assert arms.rows[0][6] == "1.0000"  # one to two
    assert arms.rows[2][1:4] == ["4", "1 (25.0%)", "1 (25.0%)"]
    assert [row[1] for row in classes.rows] == ["2", "1", "1", "2"]


def test_without_both_arms_there_are_no_classes() -> None:
    tables = arm_tables(list(side(0).values()), {"text_only": side(1)})
    assert [table.name for table in tables] == ["arms"]
