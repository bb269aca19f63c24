"""How far a run is, below the cell of a notebook that asked; gone when the run is over."""

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
from vprog.view.words import clean

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


def _is_cell() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class _Shown:
    """One output of the cell, changed in place by its display handle."""

    def __init__(self) -> None:
        self._text = ProgressText()
        self._began = self._latest = time.monotonic()
        self._handle: Any = None
        self._lock = threading.Lock()

    def __call__(self, event: TraceEvent) -> None:
        now = time.monotonic()
        with self._lock:
            line = self._text.line(event, now)
            wait_s = _EVERY_S if self._handle is not None else _FIRST_AFTER_S
            if line is None or now - self._latest < wait_s:
                return
            self._latest = now
            self._show(f"{clean(line)} ({length_text(round(now - self._began))})")

    def end(self) -> None:
        with self._lock:
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
