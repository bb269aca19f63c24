from __future__ import annotations

import json
from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case import AnyOf, read_cases


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
