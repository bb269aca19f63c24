"""The one judge: what fits which form of answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vprog.evaluation.case import AnyOf, Case
from vprog.evaluation.judge import is_right, verdict_of


def case(answer: Any, tolerance: float = 0.0) -> Case:
    return Case(1, (Path("a.mp4"),), "?", answer, tolerance=tolerance)


@pytest.mark.parametrize(
    ("expected", "tolerance", "answer", "right"),
    [
        (3, 0.0, 3, True),
        (3, 0.0, 4, False),
        (3, 1.0, 4, True),
        (3, 0.0, "3", False),
        (3, 0.0, "three", False),
        (3, 0.0, None, False),
        (1, 0.0, True, False),
        (2.0, 0.5, 2.4, True),
        (2.0, 0.5, [2.4, 9.0], True),  # a span: its start is meant
        (5.0, 0.3, [6.0, 7.0], False),
        (2, 0.0, [2, 5, 9], False),  # no span, and not one number
        (2, 0.0, [2, 1], False),
        ("Blue.", 0.0, "blue", True),
        ("blue", 0.0, "light blue", False),
        ("yes", 0.0, "yes", True),
        ("yes", 0.0, "no", False),
        ([2.0, 4.0], 0.0, 3.0, True),
        ([2.0, 4.0], 0.0, 4.5, False),
        ([2.0, 4.0], 0.6, [2.5, 4.5], True),
        ([2.0, 4.0], 0.4, [2.5, 4.0], False),
        ([2.0, 4.0], 0.0, "2.0 4.0", False),
        ([2.0, 4.0], 9.0, [2.0, 3.0, 4.0], False),
        (["cat", "kitten"], 0.0, "Kitten", True),
        (["frame 11"], 0.0, "2 Frame = 11 ms", True),  # word for word, whatever stands between
        (["frame 1"], 0.0, "Frame = 11", False),
        (["Frame = 11", "11"], 0.0, "Frame=11", True),
        (["!"], 0.0, "anything", False),
        (AnyOf([3, "three"]), 0.0, "three", True),
        (AnyOf([3, "three"]), 0.0, 4, False),
        (AnyOf([1.6, 8.4]), 0.2, 8.3, True),
        (AnyOf([1.6, 8.4]), 0.2, 5.0, False),
        (AnyOf([[1, 2], 9]), 0.0, 1.5, True),
        (None, 0.0, "a dog", False),
        (None, 0.0, None, False),
    ],
)
def test_judge_holds_an_answer_against_the_right_one(
    expected: Any, tolerance: float, answer: Any, right: bool
) -> None:
    assert is_right(case(expected, tolerance), answer) is right
    assert verdict_of(case(expected, tolerance), "answered", answer) == (
        "right" if right else "wrong"
    )


@pytest.mark.parametrize(
    ("status", "verdict"), [("abstained", "abstained"), ("failed", "failed"), ("limit", "failed")]
)
def test_judge_keeps_abstaining_apart_from_failing(status: str, verdict: str) -> None:
    assert verdict_of(case(3), status, None) == verdict
