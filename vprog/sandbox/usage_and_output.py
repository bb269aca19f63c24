"""What a program has used up and printed, and whether its error is a limit that was really met.

The VM tells a limit as an ordinary error with certain words, and a program may raise
an error of the same words. So the words are believed only where the limit can have been met;
of memory they must name more than there is, against the very limit of this session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import final

from vprog.boundary.clean_text import clean_text
from vprog.sandbox.session_protocol import LimitKind, SessionLimits

_NEARLY = 0.9
_BYTES = re.compile(r": (\d{1,30}) bytes > (\d{1,30}) bytes$")
_WORDS: tuple[tuple[str, str, LimitKind], ...] = (
    ("TimeoutError", "time limit exceeded", "time"),
    ("MemoryError", "memory limit", "memory"),
    ("RuntimeError", "suspension limit", "calls"),
)


@final
class SessionUsage:
    """Seconds of the turn and of the cell, and stops of the program."""

    def __init__(self, limits: SessionLimits) -> None:
        self._limits = limits
        self._turn_s = self._cell_s = 0.0
        self.n_stops = 0

    def begin_cell(self) -> None:
        """The cell's clock starts anew."""
        self._cell_s = 0.0

    def resume_cell(self) -> None:
        """A cell goes on from a dump: how much of its time was used is not known."""
        self._cell_s = self._limits.cell_seconds

    def took(self, seconds: float) -> None:
        """Count the time of one turn."""
        self._turn_s = seconds
        self._cell_s += seconds

    def limit_of(self, kind: str, text: str, *, is_in_program: bool) -> LimitKind | None:
        """The limit that an error of the VM tells of; None for the program's own errors.

        Args:
            kind: the error's class.
            text: its words.
            is_in_program: whether it went through a line of the program.
        """
        for name, words, limit in _WORDS:
            if kind == name and words in text and self._can_be_met(limit, text, is_in_program):
                return limit
        return None

    def _can_be_met(self, limit: LimitKind, text: str, is_in_program: bool) -> bool:
        if limit == "memory":
            told = _BYTES.search(text)
            most = self._limits.memory_mb << 20
            if told is None:  # the worker's own end has these words, and no line
                return not is_in_program
            return int(told[1]) > most == int(told[2])
        if limit == "calls":
            return self.n_stops >= self._limits.max_calls
        if limit == "time":
            return (
                self._turn_s >= _NEARLY * self._limits.turn_seconds
                or self._cell_s >= _NEARLY * self._limits.cell_seconds
            )
        return True


@final
class Stdout:
    """The printed text of a cell; more than `limit` characters call `overflow`."""

    def __init__(self, limit: int, overflow: Callable[[], None]) -> None:
        self._limit = limit
        self._overflow = overflow
        self._parts: list[str] = []
        self._size = 0

    def begin(self) -> None:
        """A new cell may print its full measure."""
        self._size = 0

    def write(self, stream: str, text: str) -> None:
        """Take a piece; the VM calls this."""
        room = max(0, self._limit - self._size)
        self._size += min(len(text), room)
        self._parts.append(text[:room])
        if len(text) > room:
            self._overflow()

    def take(self) -> str:
        """What was printed since the last call of this, cleaned."""
        if not self._parts:
            return ""
        text = "".join(self._parts)
        self._parts = []
        return clean_text(text, self._limit)
