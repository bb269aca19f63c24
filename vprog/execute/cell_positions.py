"""Where in the cells something happened, from where it happened in what the sandbox was fed."""

from __future__ import annotations

from collections.abc import Sequence

from vprog.program.lowering.lower import Lowered
from vprog.sandbox.session_protocol import LimitStep, RaisedStep


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
