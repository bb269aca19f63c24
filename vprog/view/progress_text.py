"""How far a run is, in words: which module works, how much of how much, how long it takes.

A terminal and a notebook show the same line.
"""

from __future__ import annotations

from vprog.trace.event import (
    CellStarted,
    LlmCalled,
    LookEstimated,
    ModuleCalled,
    ProgramWritten,
    Progressed,
    TraceEvent,
)
from vprog.types.clock import length_text
from vprog.view.words import counted

_RATED_AFTER_S = 1.0
"""Before that a rate says nothing."""


class ProgressText:
    """The line of one run."""

    def __init__(self) -> None:
        self._calls = 0
        self._what = "opening"
        self._rate = Rate()

    def line(self, event: TraceEvent, now: float) -> str | None:
        """The line after an event; None where it stays as it is.

        Args:
            event: the latest of the run.
            now: a clock in seconds.
        """
        far = ""
        match event:
            case ProgramWritten():
                self._what = "program written"
            case CellStarted():
                self._what = "running"
            case LlmCalled():
                self._what = f"asked {event.model}"
            case LookEstimated():
                return estimate_text(event)
            case Progressed():
                self._what = event.task
                far = self._rate.text(event, now)
            case ModuleCalled():
                self._calls += 1
                self._what = f"line {event.line}: {event.task}"
            case _:
                return None
        calls = f", {counted(self._calls, 'call')}" if self._calls and not far else ""
        return f"{self._what}{far}{calls}"


def estimate_text(event: LookEstimated) -> str:
    """E.g. "track takes 40 s to 1 min 5 s, by 3 former calls here"."""
    low, high = (length_text(round(seconds)) for seconds in (event.low_s, event.high_s))
    told = f"about {low}" if low == high else f"{low} to {high}"
    return f"{event.task} takes {told}, by {counted(event.n_calls, 'former call')} here"


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
        return f"{told}, {rate:.3g}/s, {length_text(round(left_s))} left"
