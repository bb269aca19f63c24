"""Progress of a run on a terminal: which module works, how much of how much, how long it takes.

A pipe gets none. What is told meanwhile is printed above the line, never into it.
"""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import TYPE_CHECKING

from vprog.cli.output import note, safe
from vprog.trace.event import TraceEvent
from vprog.view.progress_text import ProgressText

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class RunProgress:
    """A line that lives while the run does and leaves nothing behind."""

    def __init__(self, *, show: bool) -> None:
        self._show = show and os.environ.get("TERM") != "dumb"
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._text = ProgressText()

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
        line = self._text.line(event, time.monotonic())
        if line is not None:
            self._progress.update(self._task, description=safe(line))
