"""Where in a program something happened.

`SourceMap` says where in the texts that the VM was fed, by its byte offsets; `FedTexts` where in
the cells as they were written: what is fed is lowered, and between cells other texts are fed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, final

from vprog.program.lowering.lower import Lowered
from vprog.sandbox.session_protocol import LimitStep, RaisedStep

_SOURCE_NAME = re.compile(r"<python-input-(\d+)>")


@final
class SourceMap:
    """The sources of a program's cells. The VM's feed 0 is the prelude, feed 1 cell 0."""

    def __init__(self, sources: list[str] | None = None) -> None:
        self.sources = list(sources or [])
        self._encoded: dict[int, bytes] = {}
        self._calls: dict[tuple[str, int], tuple[int, int, int]] = {}
        """Positions that were asked for: a loop's calls stand at one."""

    def of_call(self, position: Any) -> tuple[int, int, int]:
        """Cell, line and column of the VM's position; (-1, 0, 0) outside all cells."""
        key = (position.filename, position.start)
        if key not in self._calls:
            self._calls[key] = self._of_call(*key)
        return self._calls[key]

    def _of_call(self, filename: str, start: int) -> tuple[int, int, int]:
        cell = self._cell(filename)
        if cell < 0:
            return -1, 0, 0
        if cell not in self._encoded:
            self._encoded[cell] = self.sources[cell].encode("utf-8", "surrogatepass")
        before = self._encoded[cell][:start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", "replace")) + 1
        return cell, before.count(b"\n") + 1, column

    def of_error(self, error: Any) -> tuple[int, int]:
        """Cell and line of the innermost line of the program's own that an error went through."""
        frames = error.traceback() if hasattr(error, "traceback") else []
        for frame in reversed(frames):
            cell = self._cell(frame.filename)
            if cell >= 0:
                return cell, frame.line
        return -1, 0

    def _cell(self, filename: str) -> int:
        found = _SOURCE_NAME.fullmatch(filename)
        cell = int(found.group(1)) - 1 if found else -1
        return cell if cell < len(self.sources) else -1


class FedTexts:
    """The texts that a live session ran, in order: cells, and what was run between them."""

    def __init__(self, cells: Sequence[Lowered] = ()) -> None:
        """Take the cells of a loaded state: after each, its probes were read."""
        self._fed: list[tuple[int, Lowered] | None] = []
        for cell in enumerate(cells):
            self._fed += [cell, None]

    def add(self, cell: int, lowered: Lowered) -> None:
        """One more cell was fed."""
        self._fed.append((cell, lowered))

    def add_other(self) -> None:
        """A text was fed that is no cell."""
        self._fed.append(None)

    def position(self, fed: int, line: int, column: int, cell: int) -> tuple[int, int]:
        """The cell and its line; a function may have come from an earlier cell than `cell`."""
        known = self._fed[fed] if 0 <= fed < len(self._fed) else None
        if known is None:
            return cell, max(line, 1)
        number, lowered = known
        return number, lowered.line_at(line, column)

    def line(self, step: RaisedStep | LimitStep, cell: int) -> int | None:
        """The line of the cell at which it ended; None where the interpreter does not know."""
        if step.cell < 0:
            return None
        at, line = self.position(step.cell, step.line, 1, cell)
        return line if at == cell else None
