"""Progress of a run on a terminal: which module works, how much of how much, how long it takes.

A pipe gets none. What is told meanwhile is printed above the line, never into it.
"""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import TYPE_CHECKING

from vprog.cli.output import note, safe
from vprog.trace.event import (
    CellStarted,
    LlmCalled,
    ModuleCalled,
    ProgramWritten,
    Progressed,
    TraceEvent,
)
from vprog.view.words import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_RATED_AFTER_S = 1.0
"""Before that a rate says nothing."""


class RunProgress:
    """A line that lives while the run does and leaves nothing behind."""

    def __init__(self, *, show: bool) -> None:
        self._show = show and os.environ.get("TERM") != "dumb"
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._calls = 0
        self._what = "opening"
        self._rate = Rate()

    def __enter__(self) -> RunProgress:
        if self._show:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
            from rich.table import Column

            self._progress = Progress(
                SpinnerColumn(),
                TextColumn(
                    "{task.description}",
                    markup=False,
                    table_column=Column(no_wrap=True, overflow="ellipsis"),
                ),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._progress.add_task("opening", total=None)
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def note(self, text: object) -> None:
        """One line on stderr, above the line that lives."""
        if self._progress is None:
            note(text)
        else:
            self._progress.console.print(safe(text), markup=False, highlight=False, soft_wrap=True)

    def __call__(self, event: TraceEvent) -> None:
        """Take one event of the run."""
        if self._progress is None or self._task is None:
            return
        far = ""
        match event:
            case ProgramWritten():
                self._what = "program written"
            case CellStarted():
                self._what = "running"
            case LlmCalled():
                self._what = f"asked {event.model}"
            case Progressed():
                self._what = event.task
                far = self._rate.text(event, time.monotonic())
            case ModuleCalled():
                self._calls += 1
                self._what = f"line {event.line}: {event.task}"
            case _:
                return
        calls = f", {counted(self._calls, 'call')}" if self._calls and not far else ""
        self._progress.update(self._task, description=safe(f"{self._what}{far}{calls}"))


class Rate:
    """How far one call is, how fast it goes, and how long it will take."""

    def __init__(self) -> None:
        self._call: tuple[str, float, str] | None = None
        self._done = 0.0
        self._began = 0.0
        self._first = 0.0

    def text(self, event: Progressed, now: float) -> str:
        """In words: " 120 of 300 frames, 31/s, 6 s left".

        Args:
            event: the latest of the call.
            now: a clock in seconds.
        """
        call = (event.task, event.total, event.unit)
        if call != self._call or event.done < self._done:
            self._call, self._began, self._first = call, now, event.done
        self._done = event.done
        told = f" {event.done:.0f} of {event.total:.0f} {event.unit}"
        went, took = event.done - self._first, now - self._began
        if took < _RATED_AFTER_S or went <= 0:
            return told
        rate = went / took
        left_s = (event.total - event.done) / rate
        return f"{told}, {rate:.3g}/s, {duration_text(left_s)} left"


def duration_text(seconds: float) -> str:
    """A length of time as people say it: 40 s, 3 min 5 s, 2 h 10 min."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
