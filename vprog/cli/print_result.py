"""From a call of `solve` or `run` to stdout, stderr and the exit code."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from vprog.cli.command_errors import show_error
from vprog.cli.options import Loudness
from vprog.cli.output import is_terminal, note, say, say_json
from vprog.cli.progress import RunProgress
from vprog.errors import VprogError
from vprog.execute.module_faults import describe
from vprog.exit_status import Status
from vprog.runs.result import ErrorInfo, Result, error_info
from vprog.trace.event import LookEstimated, ModuleCalled, RunEnded, RunStarted, TraceEvent
from vprog.types import wire
from vprog.types.clock import clock_span
from vprog.view.exports.export_otlp import check_sending, send_otlp
from vprog.view.progress_text import estimate_text
from vprog.view.run_words import coverage_text, score_text, setup_text
from vprog.view.words import short

_MOST_TIMES = 5
_MOST_VALUE = 80
_OUTCOMES = ("rejected", "failed", "abstained", "limit", "interrupted")
"""Statuses that say something; the others are plain errors."""


def carry_out(
    work: Callable[[Callable[[TraceEvent], None]], Result],
    *,
    as_json: bool,
    loudness: Loudness = "normal",
    otlp: str | None = None,
) -> int:
    """Do the work with progress shown, print what came of it, give the exit code.

    Args:
        work: gives the result, and tells its events to what it is handed.
        as_json: stdout gets exactly one object, whatever happened.
        loudness: what stderr is told; of "quiet" nothing but errors, of "verbose" every call.
        otlp: where the spans of the run are sent when it is over.
    """
    is_quiet = as_json or loudness == "quiet"
    progress = RunProgress(show=is_terminal() and not is_quiet)
    said: dict[str, Any] = {}

    def listen(event: TraceEvent) -> None:
        if isinstance(event, RunStarted) and not is_quiet:
            progress.note(f"vprog: {setup_text(event)}")
        if isinstance(event, LookEstimated) and not is_quiet:
            progress.note(f"vprog: {estimate_text(event)}")
        if isinstance(event, ModuleCalled) and loudness == "verbose":
            progress.note(_call_text(event))
        if isinstance(event, RunEnded):
            said.update(msgspec.json.decode(event.result))
        progress(event)

    try:
        if otlp is not None:
            check_sending(otlp)
        with progress:
            result = work(listen)
    except KeyboardInterrupt:
        problem = ErrorInfo("interrupted", "the run was interrupted.", "What was computed is kept.")
        ended = Result(status=Status.INTERRUPTED, error=problem)
    except VprogError as error:
        ended = Result(status=error.status, error=error_info(error))
    except BrokenPipeError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        # A fault of ours, before there is a run or after it: JSON is JSON all the same.
        if os.environ.get("VPROG_DEBUG"):
            raise
        ended = Result(status=Status.INTERNAL, error=_fault(error))
    else:
        if otlp is not None and result.trace_path is not None:
            _send(result, otlp)
        if as_json:
            say_json(result.to_dict())
        else:
            _print(result, is_quiet=is_quiet)
        return result.exit_code
    if as_json:
        # A run that came to its end has said more than the exception that left it.
        say_json(said or ended.to_dict())
    else:
        _print(ended, is_quiet=is_quiet)
        if said and not is_quiet:
            note(f"why: vprog trace show {Path(said['trace']).name}")
    return ended.exit_code


def _call_text(event: ModuleCalled) -> str:
    """One call in one line: where, what with, what came of it."""
    arguments = wire.decode(bytes(event.arguments))
    given = ", ".join(f"{name}={short(value, 40)}" for name, value in arguments.items())
    came = event.error or short(wire.decode(bytes(event.result)), _MOST_VALUE)
    return (
        f"line {event.line}: {event.task}({given}) -> {came} ({event.how}, {event.seconds:.2f} s)"
    )


def _send(result: Result, otlp: str) -> None:
    """Send the spans of a run; that it does not arrive is told, and changes no answer."""
    try:
        trace = result.trace
        send_otlp(trace.story, trace.model, otlp)
    except VprogError as error:
        show_error(error)


def usage_object(message: str) -> dict[str, Any]:
    """The JSON of a command that was put together wrongly."""
    hint = "vprog solve --help"
    return Result(status=Status.UNREADABLE, error=ErrorInfo("usage", message, hint)).to_dict()


def _fault(error: BaseException) -> ErrorInfo:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return ErrorInfo(
        "internal",
        f"a fault in vprog: {describe(error)} ({Path(where.filename).name}:{where.lineno}).",
        "Set VPROG_DEBUG=1 to see where it came from, and report it.",
    )


def _print(result: Result, *, is_quiet: bool) -> None:
    for warning in () if is_quiet else result.warnings:
        note(f"warning: {warning}")
    if result.status == "answered":
        say(result.text())
        if is_quiet:
            return
        note(_ground(result))
        _note_coverage(result)
    elif result.error is not None:
        where = f" (line {result.error.line})" if result.error.line else ""
        what = result.status if result.status in _OUTCOMES else "error"
        note(f"{what}{where}: {result.error.message}")
        if result.error.hint:
            note(f"  {result.error.hint}")
        if is_quiet:
            return
        _note_coverage(result)
    if result.trace_path is not None:
        note(f"why: vprog trace show {result.trace_path.name}")


def _note_coverage(result: Result) -> None:
    """One line: how much of the videos was looked at, and where not."""
    text = coverage_text(result.coverage)
    if text:
        note(text)


def _score_text(result: Result) -> str:
    parts = dict(result.score_parts)
    return score_text(result.score, parts, result.confidence, result.calibration)


def _ground(result: Result) -> str:
    """One line: how sure, and what supports it."""
    parts = []
    if result.score is not None:
        parts.append(_score_text(result))
    times = list(
        dict.fromkeys(
            clock_span(item.start, item.end) for item in result.evidence if item.start is not None
        )
    )
    if times:
        more = ", ..." if len(times) > _MOST_TIMES else ""
        parts.append(f"evidence at {', '.join(times[:_MOST_TIMES])}{more}")
    unsupported = sum(not item.supported for item in result.evidence)
    if unsupported:
        parts.append(f"{unsupported} pieces of evidence are not supported by any module's output")
    if not result.evidence:
        parts.append("no evidence was named")
    parts.append(f"{result.cost.seconds:.1f} s")
    return "; ".join(parts)
