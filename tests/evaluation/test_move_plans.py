"""Plans are carried out, move by move."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case import read_cases
from vprog.evaluation.judge import is_right
from vprog.evaluation.move_plans import PlanTask, reaches_goal, shortest_length

CORRIDOR = PlanTask(
    "a", "c", {"a": {"right": "b"}, "b": {"right": "c", "left": "a"}, "c": {"left": "b"}}
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["right", "right"], True),
        ("Right, right", True),
        (["right", "left", "right", "right"], True),
        (["right"], False),  # not there yet
        (["up", "right", "right"], False),  # a wall
        (["right", "right", "right"], False),  # beyond
        ([], False),
        ([1.0, 2.0], False),
    ],
)
def test_a_plan_is_right_if_it_can_be_done_and_ends_at_the_goal(
    answer: object, expected: bool
) -> None:
    assert reaches_goal(CORRIDOR, answer) is expected


def test_the_shortest_plan_has_as_many_moves() -> None:
    assert shortest_length(CORRIDOR) == 2
    assert shortest_length(PlanTask("a", "z", CORRIDOR.moves)) is None


def test_a_file_of_cases_holds_plans(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    plan = {"start": "a", "goal": "b", "moves": {"a": {"up": "b"}}}
    row = {"video": "a.mp4", "question": "How?", "answer": {"plan": plan}}
    path.write_text(json.dumps(row))
    (case,) = read_cases(path)
    assert is_right(case, ["up"])
    del plan["goal"]
    path.write_text(json.dumps(row))
    with pytest.raises(UsageError, match=r"line 1: no plan: .*missing required field `goal`"):
        read_cases(path)
