from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vprog.errors import UsageError
from vprog.evaluation.labelled import Case, read_cases


def case(answer: Any, tolerance: float = 0.0) -> Case:
    return Case(1, (Path("a.mp4"),), "?", answer, tolerance=tolerance)


@pytest.mark.parametrize(
    ("answer", "tolerance", "given", "right"),
    [
        (3, 0.0, 3, True),
        (3, 0.0, 4, False),
        (3, 0.0, "3", False),
        (2.0, 0.5, 2.4, True),
        (2.0, 0.5, [2.4, 9.0], True),
        ("Blue.", 0.0, "blue", True),
        ("blue", 0.0, "light blue", False),
        ([2.0, 4.0], 0.0, 3.0, True),
        ([2.0, 4.0], 0.0, 4.5, False),
        ([2.0, 4.0], 0.6, [2.5, 4.5], True),
        ([2.0, 4.0], 0.4, [2.5, 4.0], False),
        (["cat", "kitten"], 0.0, "Kitten", True),
        (["frame 11"], 0.0, "2 Frame = 11 ms", True),  # word for word, whatever stands between
        (["frame 1"], 0.0, "Frame = 11", False),
        (["!"], 0.0, "anything", False),
        ({"any_of": [3, "three"]}, 0.0, "three", True),
        ({"any_of": [3, "three"]}, 0.0, 4, False),
        (3, 0.0, None, False),
    ],
)
def test_case_holds_an_answer_against_the_right_one(
    answer: Any, tolerance: float, given: Any, right: bool
) -> None:
    assert case(answer, tolerance).is_right(given) is right


def test_cases_are_read_with_paths_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    rows = [
        {"video": "a.mp4", "question": "How many?", "answer": 3, "family": "left alone"},
        {"video": ["b.mp4", "/c.mp4"], "question": "Which?", "answer": "x", "choices": ["x", "y"]},
    ]
    file.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second = read_cases(file)
    assert (first.line, first.videos) == (1, (tmp_path / "a.mp4",))
    assert (second.line, second.videos) == (3, (tmp_path / "b.mp4", Path("/c.mp4")))
    assert second.choices == ("x", "y")
    assert read_cases(file, folder=Path("/media"))[0].videos == (Path("/media/a.mp4"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no case"),
        ("{", "line 1: no case"),
        ('{"video": "a", "answer": 3}', "line 1: no case"),
        ('{"video": "a", "question": "?", "answer": null}', "line 1: the answer must be"),
        ('{"video": "a", "question": "?", "answer": {"x": 1}}', "line 1: the answer must be"),
    ],
)
def test_file_that_holds_no_cases_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_cases(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_cases(tmp_path / "none")
