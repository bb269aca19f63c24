"""Progress of a run on a terminal: which line works, how many calls, how long. A pipe gets none."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING

from vprog.trace.event import CellStarted, LlmCalled, ModuleCalled, ProgramWritten, TraceEvent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class RunProgress:
    """A line that lives while the run does and leaves nothing behind."""

    def __init__(self, *, show: bool) -> None:
        self._show = show and os.environ.get("TERM") != "dumb"
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._calls = 0
        self._what = "opening"

    def __enter__(self) -> RunProgress:
        if self._show:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
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

    def __call__(self, event: TraceEvent) -> None:
        """Take one event of the trace."""
        if self._progress is None or self._task is None:
            return
        match event:
            case ProgramWritten():
                self._what = "program written"
            case CellStarted():
                self._what = "running"
            case LlmCalled():
                self._what = f"asked {event.model}"
            case ModuleCalled():
                self._calls += 1
                self._what = f"line {event.line}: {event.task}"
            case _:
                return
        calls = f", {self._calls} calls" if self._calls else ""
        self._progress.update(self._task, description=f"{self._what}{calls}")
