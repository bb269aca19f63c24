"""Answers a program's module calls: border, cache, scheduler, module, trace, border.

One broker serves one question. It owns the question's counts, its record of what modules
gave (for evidence) and its budget; cache and scheduler are shared by all questions.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from vprog.boundary import convert
from vprog.errors import MissingError, ModuleUnknownError, TraceError, VprogError
from vprog.execute.budget import Budget
from vprog.execute.counts import Counts
from vprog.execute.pictures import PictureChoice
from vprog.execute.provenance import Provenance, videos_in
from vprog.execute.recorded_calls import RecordedCalls, fault_of, raise_again
from vprog.execute.result_cache import ResultCache
from vprog.execute.scheduler import Done, Scheduler, Work
from vprog.media.source import MediaSource
from vprog.registry.call_context import CallContext, VlmMeter
from vprog.registry.module import Call, ModuleSpec
from vprog.trace.event import ModuleCalled, Warned
from vprog.trace.recorder import Recorder, current_node
from vprog.types import wire


class Broker:
    """The host's side of every module call of one question."""

    def __init__(
        self,
        *,
        modules: Mapping[str, ModuleSpec],
        media: MediaSource,
        cache: ResultCache,
        scheduler: Scheduler,
        recorder: Recorder,
        budget: Budget,
        meter: VlmMeter | None = None,
        recorded: RecordedCalls | None = None,
    ) -> None:
        self.modules = dict(modules)
        self.media = media
        self.counts = Counts()
        self.budget = budget
        self.meter = VlmMeter() if meter is None else meter
        self.provenance = Provenance(media.videos)
        self.pictures = PictureChoice()
        self.recorder = recorder
        self._cache = cache
        self._scheduler = scheduler
        self._recorded = recorded
        self._next = 1
        self._lock = threading.Lock()
        """Of the counts and records; programs of one question may call at the same time."""
        self._warned: dict[str, None] = {}
        self._passed: set[str] = set()
        self._cache_warned = len(cache.warnings)

    def call(
        self,
        task: str,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        *,
        cell: int,
        line: int,
    ) -> object:
        """Answer one call; the value is as the sandbox takes it.

        Args:
            task: the module's name in programs.
            args: raw and hostile, as the sandbox gave them.
            kwargs: likewise.
            cell: where the call stands in the program.
            line: likewise, from 1.

        Raises:
            ModuleInputError: an argument is wrong.
            ModuleFailedError: the module broke.
            BudgetError: the budget is spent.
            MissingError: a package or weights are missing.
        """
        self.budget.charge_call()
        with self._lock:
            number, self._next = self._next, self._next + 1
            self.counts.issued += 1
        spec = self.modules.get(task)
        if spec is None:
            raise ModuleUnknownError(
                f'unknown module "{task}".', hint="Run `vprog modules list` for the list."
            )
        began = time.perf_counter()
        event = ModuleCalled(
            id=number,
            cell=cell,
            line=line,
            task=spec.task,
            implementation=spec.implementation,
            arguments=msgspec.Raw(b"{}"),
            result=msgspec.Raw(b"null"),
            error=None,
            how="refused",
            seconds=0.0,
        )
        try:
            arguments = convert.bind(spec.signature, args, kwargs, self.media.videos)
            written = wire.encode(arguments)
            event = replace(event, arguments=msgspec.Raw(written), how="executed")
        except VprogError as error:
            self._record_error(event, error, began)
            raise
        known = None  # what ends a replay here is no call: it stands in no recording
        if self._recorded is not None:
            known = self._recorded.find(spec, written, node=current_node())
        try:
            if known is not None:
                event = replace(event, how="replayed")
                value, encoded, how, done = self._again(known)
            else:
                value, encoded, how, done = self._value(spec, arguments, written)
            inside = convert.to_sandbox(value)
        except VprogError as error:
            self._record_error(event, error, began)
            raise
        given = list(arguments.values())
        with self._lock:
            video = self.provenance.video_of(given)
            self.provenance.looked_at(given)
            self.provenance.record(value, video)
            self.pictures.looked_at(cell, line, [*given, value], video)
        self._record(
            replace(
                event,
                result=msgspec.Raw(encoded),
                how=how,
                frames_decoded=done.frames_decoded if done is not None else 0,
                video=video,
            ),
            began,
        )
        return inside

    @property
    def warnings(self) -> list[str]:
        """What the run's files, modules and cache warned of, each once."""
        behind = self._cache.warnings[self._cache_warned :]
        return list(dict.fromkeys([*self.media.warnings, *self._warned, *behind]))

    def warn(self, text: str) -> None:
        """One warning more, for the trace and the result."""
        self.note(text)
        self.pass_warnings()

    def note(self, text: str) -> None:
        """One warning more, which goes into the trace with the next event."""
        with self._lock:
            self._warned[text] = None

    def pass_warnings(self) -> None:
        """Put the new warnings into the trace."""
        for text in self.warnings:
            if text not in self._passed:
                self._passed.add(text)
                self.recorder.write(Warned(text=text))

    def _again(self, known: ModuleCalled) -> tuple[object, bytes, str, Done | None]:
        with self._lock:
            self.counts.replayed += 1
        raise_again(known)
        encoded = bytes(known.result)
        return wire.decode(encoded), encoded, "replayed", None

    def _value(
        self, spec: ModuleSpec, arguments: dict[str, object], written: bytes
    ) -> tuple[object, bytes, str, Done | None]:
        key = self.key(spec, arguments, written)
        kept = self._cache.get(key)
        if kept is not None:
            try:
                value = wire.decode(kept)
            except TraceError as error:
                self._cache.warnings.append(f"a kept result was computed again: {error.message}")
            else:
                with self._lock:
                    self.counts.cached += 1
                return value, kept, "cached", None
        try:
            context = CallContext(
                self.media,
                check=self.budget.check_time,
                warn=self.note,
                meter=self.meter,
                node=current_node(),
            )
            done = self._scheduler.run(Work(spec, Call(arguments, context), key))
        except MissingError:
            raise
        except VprogError:
            self._count_executed(0.0)  # work was done, though it came to nothing
            raise
        if done.is_joined:
            with self._lock:
                self.counts.joined += 1
        else:
            self._count_executed(done.seconds)
        value = convert.from_module(done.value, spec.signature.returns, where=spec.name)
        encoded = wire.encode(value)
        if done.is_joined:
            return value, encoded, "joined", done
        self._cache.keep(key, encoded, task=spec.task)
        return value, encoded, "executed", done

    def _count_executed(self, seconds: float) -> None:
        with self._lock:
            self.counts.executed += 1
            self.counts.batches += 1
            self.counts.module_seconds += seconds

    def key(self, spec: ModuleSpec, arguments: dict[str, object], written: bytes) -> str:
        """The cache key of a call; equal for equal work, whatever the file is called."""
        touched = sorted(videos_in(arguments))
        hashed = hashlib.sha256()
        for part in spec.identity():
            hashed.update(part.encode() + b"\0")
        hashed.update(written)
        for index in touched:
            hashed.update(f"\0{index}:{self.media.content_hash(index)}".encode())
        return hashed.hexdigest()

    def _record_error(self, event: ModuleCalled, error: VprogError, began: float) -> None:
        said = f"{error.code}: {error}".splitlines()[0][:500]
        self._record(replace(event, error=said, fault=fault_of(error)), began)

    def _record(self, event: ModuleCalled, began: float) -> None:
        seconds = round(time.perf_counter() - began, 6)
        self.recorder.write(replace(event, seconds=seconds))
        self.pass_warnings()
