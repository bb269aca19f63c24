"""Known answers as files hold them, and the one judge: what fits which form of answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case import AnyOf, Case, read_cases
from vprog.evaluation.judge import is_right, verdict_of


def test_cases_are_read_with_paths_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    rows = [
        {
            "video": "a.mp4",
            "question": "How many?",
            "answer": 3,
            "family": "facts",
            "x": "left alone",
        },
        {"video": ["b.mp4", "/c.mp4"], "question": "Which?", "answer": "x", "choices": ["x", "y"]},
    ]
    file.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second = read_cases(file)
    assert (first.line, first.videos) == (1, (tmp_path / "a.mp4",))
    assert (second.line, second.videos) == (3, (tmp_path / "b.mp4", Path("/c.mp4")))
    assert second.choices == ("x", "y")
    assert read_cases(file, folder=Path("/media"))[0].videos == (Path("/media/a.mp4"),)
    assert (first.family, first.held_out) == ("facts", False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("3", 3),
        ("[2, 3.5]", [2, 3.5]),
        ('["a", "b"]', ["a", "b"]),
        ('{"any_of": [1.5, "x", [2, 3]]}', AnyOf([1.5, "x", [2, 3]])),
        ("null", None),
    ],
)
def test_case_answer_has_one_of_five_forms(answer: str, expected: object, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f'{{"video": "a", "question": "?", "answer": {answer}}}', encoding="utf-8")
    assert read_cases(file, allow_unanswerable=True)[0].answer == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no case"),
        ("{", "line 1: no case"),
        ('{"video": "a", "answer": 3}', "line 1: no case"),
        ('{"video": "a", "question": "?", "answer": null}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": {"x": 1}}', "line 1: no case"),
        ('{"video": "a", "question": "?", "answer": true}', "line 1: no case"),
        ('{"video": "a", "question": "?", "answer": []}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": [3, 2]}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": ["a", 2]}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": {"any_of": []}}', "line 1: the answer must"),
    ],
)
def test_file_that_holds_no_cases_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_cases(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_cases(tmp_path / "none")


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
