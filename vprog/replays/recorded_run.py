"""A recorded run as something to run again: modules, videos, settings, program, result.

A trace may come from anywhere: what is read of it is read with care. Its videos are
known by what the trace says, and opened at their first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from vprog.errors import PackageMissingError, TraceError
from vprog.exit_status import Status
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry, as_recorded
from vprog.settings import SCALAR_KEYS, Settings, load_settings
from vprog.trace.branches import chosen_events
from vprog.trace.event import ModuleCalled, ProgramWritten
from vprog.trace.recorded_result import RecordedResult
from vprog.trace.store import Recording, find_trace, read_trace

_OF_NOW = frozenset({"device", "max_seconds", "require_jail", "trace_max_mb", "cache_max_mb"})
"""Settings of this machine and this time; all others are those of the recorded run."""

_VLM = "vlm"
"""Of now as well, unless nothing can be shown to it: frames go only to a VLM that is named."""


@dataclass(frozen=True)
class RecordedRun:
    """A recording, and what is needed to run it again."""

    recording: Recording
    result: RecordedResult
    settings: Settings
    """Of the run that is to come."""

    @property
    def name(self) -> str:
        return self.recording.folder.name

    @cached_property
    def cells(self) -> list[ProgramWritten]:
        """The cells of the program that gave the result.

        Raises:
            TraceError: no program ran.
        """
        cells = [
            event
            for event in chosen_events(self.recording.events)
            if isinstance(event, ProgramWritten)
        ]
        if not cells:
            why = self.result.error.message if self.result.error is not None else ""
            raise TraceError(
                f"{self.name}: no program ran in it. {why}".strip(),
                hint="Name a run that has a program; `vprog trace show` shows it.",
            )
        return cells

    @cached_property
    def calls(self) -> list[ModuleCalled]:
        """Every module call of the run, of all its programs."""
        return [event for event in self.recording.events if isinstance(event, ModuleCalled)]

    def modules(
        self, registry: Registry, swapped: Mapping[str, str] | None = None
    ) -> dict[str, ModuleSpec]:
        """The implementations that served the run, whether they can run here or not.

        Args:
            registry: what is installed.
            swapped: implementation by task, in place of the recorded ones.

        Raises:
            PackageMissingError: the run called a module that is not installed at all, or a
                swapped one cannot run here.
            ModuleUnknownError: there is no such module to swap in.
        """
        called = {(call.task, call.implementation) for call in self.calls}
        asking = {task for task in registry if any(map(_asks, registry.implementations(task)))}
        specs: dict[str, ModuleSpec] = {}
        # Modules that ask others come after them.
        for used in sorted(self.recording.started.modules, key=lambda used: used.task in asking):
            installed = registry.implementations(used.task) if used.task in registry else ()
            spec = next(
                (spec for spec in installed if spec.implementation == used.implementation), None
            )
            if spec is not None:
                specs[used.task] = as_recorded(spec, used.weights, specs)
            elif (used.task, used.implementation) in called:
                raise PackageMissingError(
                    f"{self.name}: it called {used.task}/{used.implementation} of "
                    f"{used.distribution}, which is not installed.",
                    hint=f"Install it: pip install {used.distribution.split(' ')[0]}.",
                )
        wanted = dict(swapped or {})
        chosen = registry.choose(wanted)
        return {**specs, **{task: chosen[task] for task in wanted}}

    def changes_of_version(self, modules: Mapping[str, ModuleSpec]) -> dict[str, str]:
        """By task the modules that the run called and that are not what they were, in words.

        Args:
            modules: those of now; of one that needs a VLM and has none nothing is known.
        """
        called = {call.task for call in self.calls}
        changes: dict[str, str] = {}
        for used in self.recording.started.modules:
            spec = modules.get(used.task)
            if used.task not in called or spec is None or (spec.vlm_kind and spec.vlm is None):
                continue
            weights = spec.identity()[3]
            if spec.implementation != used.implementation:
                continue
            if spec.version != used.version:
                changes[used.task] = (
                    f"{spec.name} was version {used.version} and is {spec.version} now"
                )
            elif weights != used.weights:
                changes[used.task] = f"{spec.name} had {used.weights} and has {weights} now"
        return changes


def _asks(spec: ModuleSpec) -> bool:
    return bool(spec.asks)


def open_run(
    trace: str | Path, given: Mapping[str, Any], *, is_closed: bool = False
) -> RecordedRun:
    """A recorded run with the settings under which it is to run again.

    Args:
        trace: its folder, its name, or "last".
        given: settings of now; they go before those of the recorded run.
        is_closed: whether the recorded settings hold whatever is given: nothing can be asked
            anew.

    Raises:
        TraceNotFoundError: there is none.
        TraceError: it is no trace, is damaged, or did not come to a result.
    """
    now = load_settings(given)
    recording = read_trace(find_trace(now.trace_dir, str(trace)))
    result = result_of(recording)
    recorded = recording.started.settings
    retained = {
        key: recorded[key]
        for key in SCALAR_KEYS
        if key not in _OF_NOW
        and (is_closed or (key != _VLM and key not in now.sources))
        and isinstance(recorded.get(key), type(getattr(now, key)))
    }
    return RecordedRun(recording, result, replace(now, **retained))  # type: ignore[arg-type]


def result_of(recording: Recording) -> RecordedResult:
    """The result of a run that came to an end.

    Raises:
        TraceError: the run was cut off, interrupted, or ended by a fault; or what is recorded
            cannot be read.
    """
    name = recording.folder.name
    result = recording.result
    if recording.damage:
        raise TraceError(
            f"{name}: the trace is damaged: {recording.damage}.",
            hint="`vprog trace show` shows what of it can be read.",
        )
    ended = recording.ended
    if ended is None or result is None or ended.status in ("interrupted", "internal"):
        how = "was cut off" if ended is None else f"ended as {ended.status}"
        raise TraceError(
            f"{name}: the run {how}: there is no result to repeat.",
            hint="Ask the question again: what was computed is cached.",
        )
    hint = "The file was changed, or is of another version of vprog."
    if not recording.started.videos:
        raise TraceError(f"{name}: the trace names no video.", hint=hint)
    if result.status not in list(Status):
        raise TraceError(
            f'{name}: its result cannot be read: "{result.status}" is no status.', hint=hint
        )
    return result
