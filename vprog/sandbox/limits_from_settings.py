"""What one session may use, and whether an error of the VM tells of a limit that was really met.

Here alone the settings become limits of the interpreter; those of the operating system around it
are vprog/jail/launcher.py's.

The VM tells a limit as an ordinary error with certain words, and a program may raise
an error of the same words. So the words are believed only where the limit can have been met;
of memory they must name more than there is, against the very limit of this session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, final

from vprog.boundary.clean_text import clean_text
from vprog.settings import Settings

LimitKind = Literal["time", "memory", "output", "calls", "crash", "killed"]

_SUSPENSIONS_PER_CALL = 4
_SUSPENSIONS_SPARE = 2_000
"""The VM counts a lookup of a module's name beside its call, and both of what it refuses; and a
loop that makes no more than one call announces that one."""

_NEARLY = 0.9
_BYTES = re.compile(r": (\d{1,30}) bytes > (\d{1,30}) bytes$")
_WORDS: tuple[tuple[str, str, LimitKind], ...] = (
    ("TimeoutError", "time limit exceeded", "time"),
    ("MemoryError", "memory limit", "memory"),
    ("RuntimeError", "suspension limit", "calls"),
)


@dataclass(frozen=True)
class SessionLimits:
    """What one session may use. Clocks run only while the program runs, not in host calls.

    The VM has no clock of processor time, and its wall clock goes on while other processes
    hold the processor: a tight one ends honest programs on a busy machine. So it is generous,
    and the processor time of a runaway program is held by the jail (RLIMIT_CPU). It is not
    left to the jail alone: only the VM's own end leaves the program's values to be read.

    Attributes:
        turn_seconds: between two calls to the host.
        cell_seconds: of one cell, its turns together.
        grace_seconds: how much later the host kills a worker that did not end its turn itself.
        watchdog_seconds: after which a worker that says nothing is killed; the VM's compiler
            has no clock at all.
        max_calls: stops for the host; above the broker's budget.
        checkout_seconds: how long a program waits for a free worker.
        check_seconds: of one type check; it takes milliseconds.
    """

    turn_seconds: float
    cell_seconds: float
    grace_seconds: float
    watchdog_seconds: float
    memory_mb: int
    recursion: int
    output_bytes: int
    max_calls: int
    checkout_seconds: float = 30.0
    check_seconds: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> SessionLimits:
        """The limits that the settings ask for."""
        return cls(
            turn_seconds=settings.sandbox_seconds,
            cell_seconds=2 * settings.sandbox_seconds,
            grace_seconds=5.0,  # on a busy machine the VM's own end comes late
            watchdog_seconds=2 * settings.sandbox_seconds + 10,
            memory_mb=settings.sandbox_memory_mb,
            recursion=settings.sandbox_depth,
            output_bytes=settings.sandbox_output_kb << 10,
            max_calls=_SUSPENSIONS_PER_CALL * settings.max_calls + _SUSPENSIONS_SPARE,
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
