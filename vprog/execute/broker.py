"""Answers a program's module calls: border, cache, scheduler, module, trace, border.

One broker serves one question. It owns the question's counts, its record of what modules
gave (for evidence) and its budget; cache and scheduler are shared by all questions.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping

import msgspec

from vprog.errors import DiskFullError, ModuleUnknownError, VprogError
from vprog.execute.budget import Budget
from vprog.execute.cache import ResultCache
from vprog.execute.counts import Counts
from vprog.execute.evidence import Provenance
from vprog.execute.pictures import PictureChoice
from vprog.execute.scheduler import Done, Scheduler, Work
from vprog.media.source import MediaSource
from vprog.registry.module import Call, ModuleSpec
from vprog.sandbox import boundary
from vprog.trace.event import ModuleCalled, Warned
from vprog.trace.recorder import Recorder
from vprog.types import Detection, Frame, Track, Video, wire


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
    ) -> None:
        self.modules = dict(modules)
        self.media = media
        self.counts = Counts()
        self.budget = budget
        self.provenance = Provenance(media.videos)
        self.pictures = PictureChoice()
        self.recorder = recorder
        self._cache = cache
        self._scheduler = scheduler
        self._next = 0
        self._warned = 0
        self._cache_warned = 0

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
        self.counts.issued += 1
        spec = self.modules.get(task)
        if spec is None:
            raise ModuleUnknownError(
                f'unknown module "{task}".', hint="Run `vprog modules list` for the list."
            )
        began = time.perf_counter()
        arguments = boundary.bind(spec.signature, args, kwargs, self.media.videos)
        written = wire.encode(arguments)
        try:
            value, encoded, how, done = self._value(spec, arguments, written)
            inside = boundary.to_sandbox(value)
        except VprogError as error:
            self._record(
                spec, cell, line, written, None, _first_line(error), "executed",
                time.perf_counter() - began, None,
            )  # fmt: skip
            raise
        self.provenance.record(value)
        self.pictures.looked_at(cell, line, [*arguments.values(), value])
        self._record(
            spec, cell, line, written, encoded, None, how, time.perf_counter() - began, done
        )
        return inside

    def pass_warnings(self) -> None:
        """Put the media's and the cache's new warnings into the trace, each once."""
        fresh = self.media.warnings[self._warned :]
        self._warned += len(fresh)
        behind = self._cache.warnings[self._cache_warned :]
        self._cache_warned += len(behind)
        for text in [*fresh, *behind]:
            self.recorder.write(Warned(text=text))

    def _value(
        self, spec: ModuleSpec, arguments: dict[str, object], written: bytes
    ) -> tuple[object, bytes, str, Done | None]:
        key = self.key(spec, arguments, written)
        kept = self._cache.get(key)
        if kept is not None:
            self.counts.cached += 1
            return wire.decode(kept), kept, "cached", None
        done = self._scheduler.run(Work(spec, Call(arguments, self.media), key))
        value = boundary.from_module(done.value, spec.signature.returns, where=spec.name)
        encoded = wire.encode(value)
        if done.is_joined:
            self.counts.joined += 1
            return value, encoded, "joined", done
        self.counts.executed += 1
        self.counts.module_seconds += done.seconds
        try:
            self._cache.put(key, encoded, task=spec.task)
        except DiskFullError as error:
            # The answer is worth more than its cache: say so and go on.
            self._cache.warnings.append(str(error))
        return value, encoded, "executed", done

    def key(self, spec: ModuleSpec, arguments: dict[str, object], written: bytes) -> str:
        """The cache key of a call; equal for equal work, whatever the file is called."""
        touched = sorted(_videos_in(arguments))
        hashed = hashlib.sha256()
        for part in spec.identity():
            hashed.update(part.encode() + b"\0")
        hashed.update(written)
        for index in touched:
            hashed.update(f"\0{index}:{self.media.content_hash(index)}".encode())
        return hashed.hexdigest()

    def _record(
        self,
        spec: ModuleSpec,
        cell: int,
        line: int,
        arguments: bytes,
        result: bytes | None,
        error: str | None,
        how: str,
        seconds: float,
        done: Done | None,
    ) -> None:
        self._next += 1
        self.recorder.write(
            ModuleCalled(
                id=self._next,
                cell=cell,
                line=line,
                task=spec.task,
                implementation=spec.implementation,
                arguments=msgspec.Raw(arguments),
                result=msgspec.Raw(result if result is not None else b"null"),
                error=error,
                how=how,
                seconds=round(seconds, 6),
                frames_decoded=done.frames_decoded if done is not None else 0,
            )
        )
        self.pass_warnings()


def _videos_in(value: object) -> set[int]:
    """The indices of the videos that a call's arguments touch."""
    found: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Video):
            found.add(each.index)
        elif isinstance(each, Frame):
            found.add(each.video)
        elif isinstance(each, Detection):
            found.add(each.frame.video)
        elif isinstance(each, Track):
            waiting.append(each.detections)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
    return found


def _first_line(error: VprogError) -> str:
    return f"{error.code}: {error}".splitlines()[0][:500]
