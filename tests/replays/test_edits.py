"""Lines of a program put in place of others: which line, which cell, which indentation."""

from __future__ import annotations

import pytest

from vprog.errors import UsageError
from vprog.replays.edits import Edit, edited, read_edit

PROGRAM = "a = 1\nfor k in range(3):\n    a = a + k\nanswer(a)\n"


@pytest.mark.parametrize(
    ("written", "edit"),
    [
        ("3=a = 2", Edit(3, "a = 2")),
        ("3=", Edit(3, "")),
        ("0:3=a == 2", Edit(3, "a == 2", 0)),
        ("12:1=x\ny", Edit(1, "x\ny", 12)),
    ],
)
def test_read_edit_takes_what_the_command_line_takes(written: str, edit: Edit) -> None:
    assert read_edit(written) == edit


@pytest.mark.parametrize("written", ["", "a = 1", "3", "x=3", "-1=a", "1:2:3=a", " 3=a"])
def test_read_edit_refuses_what_names_no_line(written: str) -> None:
    with pytest.raises(UsageError, match="expected LINE=TEXT"):
        read_edit(written)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([Edit(1, "a = 7")], "a = 7\nfor k in range(3):\n    a = a + k\nanswer(a)\n"),
        ([Edit(3, "a = k")], "a = 1\nfor k in range(3):\n    a = k\nanswer(a)\n"),
        ([Edit(3, "        a = k")], "a = 1\nfor k in range(3):\n        a = k\nanswer(a)\n"),
        ([Edit(3, "b = k\na = b")], "a = 1\nfor k in range(3):\n    b = k\n    a = b\nanswer(a)\n"),
        ([Edit(1, "")], "for k in range(3):\n    a = a + k\nanswer(a)\n"),
        ([Edit(4, ""), Edit(1, "a = 2")], "a = 2\nfor k in range(3):\n    a = a + k\n"),
        ([Edit(4, "answer(2)"), Edit(1, "b = 0\na = 1")],
         "b = 0\na = 1\nfor k in range(3):\n    a = a + k\nanswer(2)\n"),
        ([], PROGRAM),
    ],
)  # fmt: skip
def test_edited_counts_lines_as_they_were_before_any_edit(edits: list[Edit], expected: str) -> None:
    assert edited([PROGRAM], edits) == [expected]


@pytest.mark.parametrize("source", ["a = 1\r\nanswer(a)", "a = 1\ranswer(a)", "a = 1\nanswer(a)"])
def test_edited_knows_every_end_of_line(source: str) -> None:
    assert edited([source], [Edit(2, "answer(2)")]) == ["a = 1\nanswer(2)"]


def test_edited_of_several_cells_needs_the_cell() -> None:
    cells = ["a = 1\n", "answer(a)\n"]
    assert edited(cells, [Edit(1, "answer(2)", 1)]) == ["a = 1\n", "answer(2)\n"]
    with pytest.raises(UsageError, match="line 1: the program has 2 cells") as caught:
        edited(cells, [Edit(1, "answer(2)")])
    assert caught.value.hint == "Name the cell: --edit 1:1=TEXT."


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ([Edit(5, "x")], "line 5: the program has 4 lines."),
        ([Edit(0, "x")], "line 0: the program has 4 lines."),
        ([Edit(1, "x", 2)], "cell 2: the program has 1 cells, counted from 0."),
        ([Edit(1, "x"), Edit(1, "")], "line 1: it is edited twice."),
    ],
)
def test_edited_refuses_lines_that_are_not_there(edits: list[Edit], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        edited([PROGRAM], edits)
    assert caught.value.message == words
