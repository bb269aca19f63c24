"""The baselines, against figures worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vprog.evaluation.case import Case
from vprog.evaluation.worlds import baselines


def case(template: str, answer: Any, choices: tuple[str, ...] = ()) -> Case:
    groups = {"world": "w", "level": "infer", "template": template}
    return Case(1, (Path("a.mp4"),), "?", answer, choices, groups=groups)


def test_baselines_majority_of_all_and_of_each_template() -> None:
    cases = [case("a", 1), case("a", 1), case("a", 2), case("b", 3), case("b", 3), case("b", 1)]
    (row,) = baselines(cases, [2, 2, 2, 4, 4, 4])
    assert (row.n_cases, row.n_held_out) == (6, 0)
    assert row.chance == 0.375  # (3/2 + 3/4) / 6
    assert row.majority == 0.5  # "1": 3 of 6
    assert row.text_only == 0.6667  # "1" for a, "3" for b: 4 of 6
    assert row.answers == {"1": 3, "2": 1, "3": 2}


def test_baselines_see_a_letter_that_is_right_too_often() -> None:
    choices = ("red", "blue")
    cases = [case("a", "red", choices), case("a", "blue", choices[::-1])]
    (row,) = baselines(cases, [2, 2])
    assert row.majority == 1.0  # always "A"
