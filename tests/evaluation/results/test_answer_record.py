"""Lines of answers, found where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from vprog.errors import UsageError
from vprog.evaluation.case_list import CaseDigests, cases_of
from vprog.evaluation.results.answer_record import AnswerLines, read_answers

CASES = cases_of({"id": name, "video": "v.mp4", "question": "Q?"} for name in "aébz")
DIGESTS = CaseDigests(CASES, {})


def line(name: str, answer: int, case: str = DIGESTS["a"]) -> str:
    return f'{{"id": "{name}", "case": "{case}", "status": "answered", "answer": {answer}}}'


def test_the_last_line_of_a_case_counts_and_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text(
        "\n".join(["", line("a", 1), line("é", 2), line("a", 3), line("b", 4, "old")])
    )
    (tmp_path / "answers-1-of-2.jsonl").write_text(f'{line("z", 5)}\n{{"id": "half')
    with AnswerLines(tmp_path, DIGESTS) as lines:
        assert [name in lines for name in ("a", "é", "b", "z")] == [True, True, False, True]
        assert [lines.record(name).answer for name in ("z", "é", "a")] == [5, 2, 3]
        assert lines.line("é") == f"{line('é', 2)}\n".encode()
    assert [record.id for record in read_answers(tmp_path, "answers-*.jsonl")] == ["z"]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text('{"id": 3}\n')
    with pytest.raises(UsageError, match=r"answers\.jsonl line 1: not of an evaluation"):
        AnswerLines(tmp_path, DIGESTS)
