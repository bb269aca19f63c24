"""One service over an engine that stays warm: what each door (HTTP, MCP, the page) calls.

Doors translate between their clients and this, and decide nothing about answers themselves.
"""

from __future__ import annotations

import io
import re
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Unpack, final

from vprog.errors import BusyError, TraceNotFoundError, UsageError
from vprog.execute.runtime import choose_modules, with_vlm
from vprog.registry.discover import discover
from vprog.registry.registry import Registry
from vprog.registry.signature import Signature
from vprog.runs.result import Result
from vprog.settings import Settings, load_settings
from vprog.solver.engine import Engine, Videos
from vprog.solver.run_handle import RunHandle
from vprog.solver.settings_dict import SettingsDict
from vprog.trace.event import (
    Abstained,
    Answered,
    LlmCalled,
    LookEstimated,
    ModuleCalled,
    ProgramWritten,
    Progressed,
    RunStarted,
    TraceEvent,
)
from vprog.trace.store import TraceSummary, list_traces, read_trace, run_folders
from vprog.view.explored_trace import Trace
from vprog.view.progress_text import estimate_text

MOST_RUNS = 64
"""Runs at a time. Programs beyond the places of the sandbox wait for one within their own time."""
KEPT_RUNS = 32
"""Runs that are over and can still be asked for by their id; the oldest go first."""
MOST_SIDE = 768
"""Pixels of the longer side of a frame that is handed out: what VLMs take in one piece."""
_NAME = re.compile(r"[\w-]{1,120}", re.ASCII)


@dataclass(frozen=True)
class ServedRun:
    """A question or a program that the service has taken.

    Attributes:
        id: by which `Service.find` gives it again; hard to guess.
        began: when, in seconds of the system's clock.
        handle: its events, its end and its result; see vprog.solver.run_handle.
    """

    id: str
    question: str
    began: float
    handle: RunHandle

    @property
    def trace(self) -> str:
        """The name of its trace, as `Service.trace` takes it; "" until its files are open."""
        started = next(
            (event for event in self.handle.so_far() if isinstance(event, RunStarted)), None
        )
        return "" if started is None else started.run


@dataclass(frozen=True)
class OfferedModule:
    """A task that programs can call here, and what serves it."""

    task: str
    signature: str
    summary: str
    implementation: str
    backend: str


@final
class Service:
    """Ask, run, follow, cancel, explain. Its methods may be called from several threads at once.

    Example:
        >>> with Service(max_seconds=60.0) as service:
        ...     run = service.ask("kitchen.mp4", "How many shots are there?")
        ...     for event in run.handle.events():
        ...         print(progress_text(event))
        ...     print(run.handle.result().answer, run.trace)
    """

    def __init__(
        self,
        *,
        registry: Registry | None = None,
        most_runs: int = MOST_RUNS,
        **settings: Unpack[SettingsDict],
    ) -> None:
        """Nothing is loaded yet.

        Args:
            registry: modules to use instead of those that installed packages offer.
            most_runs: how many runs there may be at a time.
            **settings: of every question, as for `vprog.Engine`.

        Raises:
            ConfigError: there is no such setting, or its value is wrong.
        """
        self.engine = Engine(registry=registry, **settings)
        models = ("llm", "vlm")  # these may be objects of the caller's
        plain: dict[str, Any] = {
            name: value
            for name, value in settings.items()
            if name not in models or isinstance(value, str)
        }
        self.settings: Settings = load_settings(plain)
        self._registry = registry
        self._most_runs = most_runs
        self._runs: dict[str, ServedRun] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        videos: Videos,
        question: str,
        *,
        choices: Sequence[str] = (),
        max_seconds: float | None = None,
    ) -> ServedRun:
        """Begin to answer a question.

        Args:
            videos, question, choices: as for `vprog.solve`. Paths are not checked against
                anything: a door that takes them from others does that.
            max_seconds: less than the service's own limit; more counts as that.

        Raises:
            BusyError: as many runs as there may be are going on.
            UsageError: the question is put together wrongly.
        """
        return self._start(videos, question, choices, max_seconds, None)

    def run(
        self,
        videos: Videos,
        program: str,
        *,
        question: str = "",
        choices: Sequence[str] = (),
        max_seconds: float | None = None,
    ) -> ServedRun:
        """Begin to run a program of the client's own; arguments and errors as `ask`."""
        return self._start(videos, question, choices, max_seconds, program)

    def find(self, run_id: str) -> ServedRun:
        """A run by its id.

        Raises:
            UsageError: there is none, or it was over long ago.
        """
        with self._lock:
            run = self._runs.get(run_id)
        if run is None:
            raise UsageError(
                f"no run {run_id[:40]!r}.", hint="Take the id that the run was submitted with."
            )
        return run

    def cancel(self, run_id: str) -> None:
        """End a run soon; its trace is complete then.

        Raises:
            UsageError: there is no such run.
        """
        self.find(run_id).handle.cancel()

    def modules(self) -> list[OfferedModule]:
        """The tasks that programs can call with these settings, by name."""
        return [
            OfferedModule(
                task,
                spec.signature.text(),
                spec.signature.summary,
                spec.implementation,
                spec.backend,
            )
            for task, spec in sorted(self._chosen().items())
        ]

    def signatures(self) -> list[Signature]:
        """The same tasks with all that their contracts say."""
        return [spec.signature for _, spec in sorted(self._chosen().items())]

    def traces(self, most: int = 100) -> list[TraceSummary]:
        """The newest traces of the service's folder."""
        return list(islice(list_traces(self.settings.trace_dir), most))

    def trace(self, name: str) -> Trace:
        """A trace of the service's folder, by name, by the end of its name, or "last".

        Raises:
            TraceNotFoundError: there is none of that name; paths are no names.
            TraceError: it cannot be read.
        """
        if not _NAME.fullmatch(name):
            raise TraceNotFoundError(
                f"no trace is called {name[:80]!r}.", hint="Take the name that a reply gave."
            )
        parent = self.settings.trace_dir
        names = [folder.name for folder in run_folders(parent)]
        fitting = [name] if name in names else [other for other in names if other.endswith(name)]
        if name == "last":
            fitting = names[-1:]
        if len(fitting) != 1:
            what = f"{len(fitting)} traces fit" if fitting else "no trace fits"
            raise TraceNotFoundError(f"{what} {name!r}.", hint="Take the name that a reply gave.")
        return Trace(read_trace(parent / fitting[0]))

    def frame(self, name: str, index: int, *, most_side: int = MOST_SIDE) -> bytes:
        """A frame that a trace kept, as JPEG, with the boxes and masks that modules found in it.

        Args:
            name: of the trace.
            index: of the frame, as in `Trace.frames`.
            most_side: pixels of the longer side; larger frames are made smaller.

        Raises:
            TraceError: no such trace, or not so many frames.
        """
        picture = self.trace(name).frame(index)
        picture.thumbnail((most_side, most_side))
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=85)
        return written.getvalue()

    def close(self) -> None:
        """Take no more questions, and end those that are being answered."""
        self.engine.close()
        with self._lock:
            runs = [run for run in self._runs.values() if not run.handle.done()]
        for run in runs:
            run.handle.cancel()
        for run in runs:
            run.handle.stop()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(
        self,
        videos: Videos,
        question: str,
        choices: Sequence[str],
        max_seconds: float | None,
        program: str | None,
    ) -> ServedRun:
        limit_s = self.settings.max_seconds
        with self._lock:
            n_live = sum(not run.handle.done() for run in self._runs.values())
            if n_live >= self._most_runs:
                raise BusyError(
                    f"{n_live} runs are going on, and no more are taken at a time.",
                    hint="Ask again in a few seconds.",
                )
            handle = self.engine.start(
                videos,
                question,
                choices=choices,
                program=program,
                max_seconds=limit_s if max_seconds is None else min(max_seconds, limit_s),
            )
            run = ServedRun(secrets.token_hex(16), question, time.time(), handle)
            over = [run_id for run_id, kept in self._runs.items() if kept.handle.done()]
            for run_id in over[: max(0, len(over) - KEPT_RUNS)]:
                del self._runs[run_id]
            self._runs[run.id] = run
        return run

    def _chosen(self) -> dict[str, Any]:
        registry = with_vlm(self._registry or discover(), self.settings)
        return choose_modules(registry, self.settings)


def result_object(run: ServedRun, result: Result) -> dict[str, Any]:
    """A result for clients: what `--json` prints, with the trace by its name and no path."""
    return {
        "question": result.question or run.question,
        **result.to_dict(),
        "trace": None if result.trace_path is None else result.trace_path.name,
    }


def progress_text(event: TraceEvent) -> str:
    """What an event of a run means to somebody who waits for it; "" where that is nothing."""
    match event:
        case RunStarted():
            return "files opened"
        case ProgramWritten():
            return f"program written by {event.writer}"
        case LlmCalled():
            return f"asked {event.model}"
        case LookEstimated():
            return estimate_text(event)
        case Progressed():
            return f"{event.task} {event.done:.0f} of {event.total:.0f} {event.unit}"
        case ModuleCalled():
            return f"line {event.line}: {event.task}"
        case Answered():
            return "answered"
        case Abstained():
            return "abstained"
        case _:
            return ""
