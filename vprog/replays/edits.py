"""Lines of a recorded program replaced by others: `3=counts = [1]`, `0:3=...` in a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.errors import UsageError

_FORM = re.compile(r"(?:(\d+):)?(\d+)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Edit:
    """A line of a cell and what stands there instead.

    Attributes:
        line: from 1.
        text: one line or several; "" takes the line away.
        cell: from 0; None where the program has one cell.
    """

    line: int
    text: str
    cell: int | None = None


def read_edit(text: str) -> Edit:
    """An edit as the command line takes it: LINE=TEXT or CELL:LINE=TEXT.

    Raises:
        UsageError: it is neither.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--edit {text!r}: expected LINE=TEXT.",
            hint="E.g. --edit '3=counts = [1, 2]'; with several cells --edit '0:3=...'.",
        )
    cell, line, replacement = match.groups()
    return Edit(int(line), replacement, int(cell) if cell is not None else None)


def edited(cells: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """Cells with the edits made; line numbers are those before any of them.

    A text that begins at the margin takes over the indentation of the line it stands for.

    Raises:
        UsageError: there is no such line, or it is not told in which cell.
    """
    lines: list[list[str | None]] = [[*_lines(cell)] for cell in cells]
    done: set[tuple[int, int]] = set()
    for edit in edits:
        cell = _cell_of(edit, len(cells))
        old = _lines(cells[cell])
        n_lines = len(old) - (not old[-1])  # the end of the last line begins no other
        if not 1 <= edit.line <= n_lines:
            raise UsageError(
                f"line {edit.line}: the program has {n_lines} lines"
                + (f" in cell {cell}." if len(cells) > 1 else "."),
                hint="`vprog trace show` numbers them.",
            )
        if (cell, edit.line) in done:
            raise UsageError(
                f"line {edit.line}: it is edited twice.",
                hint="Give one text for it; one of several lines stands for all of them.",
            )
        done.add((cell, edit.line))
        lines[cell][edit.line - 1] = _text_for(old[edit.line - 1], edit.text)
    return ["\n".join(line for line in of_cell if line is not None) for of_cell in lines]


def _lines(source: str) -> list[str]:
    """The lines as the trace numbers them; one more, empty, where the last one is ended."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text_for(old: str, text: str) -> str | None:
    """What stands for a line; None where it goes."""
    if not text:
        return None
    if text[0].isspace():
        return text
    margin = old[: len(old) - len(old.lstrip())]
    return "\n".join(margin + line if line else line for line in text.split("\n"))


def _cell_of(edit: Edit, n_cells: int) -> int:
    if edit.cell is None:
        if n_cells > 1:
            raise UsageError(
                f"line {edit.line}: the program has {n_cells} cells.",
                hint=f"Name the cell: --edit {n_cells - 1}:{edit.line}=TEXT.",
            )
        return 0
    if not 0 <= edit.cell < n_cells:
        raise UsageError(
            f"cell {edit.cell}: the program has {n_cells} cells, counted from 0.",
            hint="`vprog trace show` shows them.",
        )
    return edit.cell
