"""Cells run one after the other under an open question."""

from __future__ import annotations

import pytest

from tests.asking import Ask
from vprog.replays.run_changed import run_cells


def test_run_cells_go_on_from_each_other(ask: Ask) -> None:
    result = run_cells(ask(), ["a = 1", "b = a + 1", "answer(b)"], is_whole=False)
    assert (result.status, result.answer) == ("answered", 2)
    assert result.program == "a = 1\nb = a + 1\nanswer(b)\n"


@pytest.mark.parametrize(
    ("cells", "is_whole", "status", "line"),
    [
        (["a = 1", "b = [a][3]"], False, "failed", 2),
        (["a = 1", "import os"], False, "rejected", 2),
        (["a = 1\n\n\n", "answer(c)"], False, "rejected", 4),
        (["a = 1", "b = 2"], False, "failed", 2),  # no answer: told at its end
        (["a = 1"], True, "rejected", 1),
        (["abstain('dark')", "answer(1)"], False, "abstained", 1),
        (["answer(1)", "answer(2)"], False, "answered", None),
        ([""], True, "rejected", 1),
    ],
)
def test_run_cells_come_to_an_end_at_a_line_of_the_whole(
    ask: Ask, cells: list[str], is_whole: bool, status: str, line: int | None
) -> None:
    result = run_cells(ask(), cells, is_whole=is_whole)
    assert result.status == status
    assert (result.error.line if result.error is not None else None) == line


def test_run_cells_keep_the_text_of_a_whole_program(ask: Ask) -> None:
    assert run_cells(ask(), ["answer(1)"], is_whole=True).program == "answer(1)"
    assert run_cells(ask(), ["answer(1)"], is_whole=False).program == "answer(1)\n"
