"""The cells of one path joined into a program that runs by itself, and lines mapped back."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Joined:
    """Cells as one text; `first_lines` has the line of the text where each cell begins."""

    text: str
    first_lines: tuple[int, ...]

    def place(self, line: int) -> tuple[int, int]:
        """The cell and the line in it of a line of the joined text (lines from 1)."""
        cell = max(0, bisect.bisect_right(self.first_lines, line) - 1)
        return cell, line - self.first_lines[cell] + 1

    def line(self, cell: int, line: int) -> int:
        """The line of the joined text for a line of a cell."""
        return self.first_lines[cell] + line - 1


def join_cells(cells: Sequence[str]) -> Joined:
    """Join cells in order, each beginning on a line of its own."""
    parts: list[str] = []
    starts: list[int] = []
    line = 1
    for cell in cells:
        text = cell.replace("\r\n", "\n").replace("\r", "\n")
        text = text if text.endswith("\n") else text + "\n"
        starts.append(line)
        parts.append(text)
        line += text.count("\n")
    return Joined("".join(parts), tuple(starts or [1]))
