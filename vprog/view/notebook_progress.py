"""How far a run or many are, below the cell of a notebook that asked; gone when all is over."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vprog.trace.event import TraceEvent
from vprog.types.clock import length_text
from vprog.view.progress_text import ProgressText
from vprog.view.words import clean, counted

Listener = Callable[[TraceEvent], None]

_FIRST_AFTER_S = 0.5
"""A run that is over by then leaves no output behind."""
_EVERY_S = 0.2


@contextmanager
def progress_in_notebook(listen: Listener | None) -> Iterator[Listener | None]:
    """A listener that shows a run's progress, for the length of a `with` block.

    Args:
        listen: the caller's own. With one, outside a notebook, and in threads other than that of
            its cells, this is what comes back: nothing is shown.
    """
    if listen is not None or not _is_cell():
        yield listen
        return
    shown = _Shown()
    try:
        yield shown
    finally:
        shown.end()


@contextmanager
def count_in_notebook(n_all: int) -> Iterator[Callable[[int], None] | None]:
    """What shows how many of `n_all` questions are answered, for the length of a `with` block.

    It is to be called with the number, and now and then while that stays the same. Outside a
    notebook, and in threads other than that of its cells, None comes back.
    """
    if not _is_cell():
        yield None
        return
    shown = _Line()

    def tell(n_done: int) -> None:
        shown.tell(f"{n_done} of {counted(n_all, 'question')} answered")

    try:
        yield tell
    finally:
        shown.end()


def _is_cell() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class _Shown:
    """The line of one run."""

    def __init__(self) -> None:
        self._text = ProgressText()
        self._line = _Line()
        self._lock = threading.Lock()

    def __call__(self, event: TraceEvent) -> None:
        with self._lock:
            line = self._text.line(event, time.monotonic())
            if line is not None:
                self._line.tell(line)

    def end(self) -> None:
        with self._lock:
            self._line.end()


class _Line:
    """One output of the cell, changed in place by its display handle."""

    def __init__(self) -> None:
        self._began = self._latest = time.monotonic()
        self._handle: Any = None

    def tell(self, line: str) -> None:
        """Show it, if the last one stood long enough."""
        now = time.monotonic()
        if now - self._latest >= (_EVERY_S if self._handle is not None else _FIRST_AFTER_S):
            self._latest = now
            self._show(f"{clean(line)} ({length_text(round(now - self._began))})")

    def end(self) -> None:
        """Take it away."""
        if self._handle is not None:
            self._show("")

    def _show(self, line: str) -> None:
        from IPython.display import display

        bundle = {"text/plain": line}
        if self._handle is None:
            self._handle = display(  # type: ignore[no-untyped-call]
                bundle, raw=True, display_id=True
            )
        else:
            self._handle.update(bundle, raw=True)
