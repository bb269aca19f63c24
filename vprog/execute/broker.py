"""Answers a program's module calls: boundary, cache, scheduler, module, trace, boundary.

One broker serves one run. It owns the run's counts, its record of what modules gave (for
evidence) and its budget; cache and scheduler are shared by all runs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from vprog.boundary import convert
from vprog.errors import (
    MissingError,
    ModuleError,
    ModuleUnknownError,
    VideoError,
    VprogError,
)
from vprog.execute.budget import Budget
from vprog.execute.call_speeds import CallProgress, CallSpeeds
from vprog.execute.guesses import BoundCall, Guess, Guesses
from vprog.execute.module_work import Done, GuessFailedError, Work
from vprog.execute.pictures import PictureChoice
from vprog.execute.prepared_call import CallResult, PreparedCall
from vprog.execute.provenance import Provenance, ReportedCall, videos_in
from vprog.execute.read_ahead import ReadAhead
from vprog.execute.recorded_calls import RecordedCalls, fault_of, raise_again, recorded_value
from vprog.execute.result_cache import CachedCalls, ResultCache, call_key, videos_read
from vprog.execute.run_counts import Counts, SeenTally
from vprog.execute.run_warnings import RunWarnings
from vprog.execute.scheduler import CallTask, Scheduler
from vprog.execute.scout import Scout
from vprog.execute.still_frames import StillFrames, frame_of
from vprog.media.run_videos import MediaSource
from vprog.media.window import confined
from vprog.registry.call_context import CallContext, VlmMeter
from vprog.registry.mask_store import MaskStore
from vprog.registry.module import Call, ModuleSpec
from vprog.trace.event import ModuleCalled
from vprog.trace.recorder import Recorder, current_node
from vprog.types import Video, wire

_MOST_UNINDEXED = 8_000_000
"""Bytes of encoded values that wait to be indexed for evidence and pictures: what a run holds
in memory beside the indexes is a few times this, however much its modules return."""

_NOTHING_YET = msgspec.Raw(b"null")
"""The result of a call that has none, in its event."""


class Broker:
    """The host's side of every module call of one run."""

    def __init__(
        self,
        *,
        modules: Mapping[str, ModuleSpec],
        media: MediaSource,
        cache: ResultCache,
        scheduler: Scheduler,
        recorder: Recorder,
        warnings: RunWarnings,
        budget: Budget,
        meter: VlmMeter | None = None,
        recorded: RecordedCalls | None = None,
        speeds: CallSpeeds | None = None,
        still: StillFrames | None = None,
    ) -> None:
        self.modules = dict(modules)
        self.media = media
        self.counts = Counts()
        self.budget = budget
        self.meter = VlmMeter() if meter is None else meter
        self.provenance = Provenance()
        self.pictures = PictureChoice()
        self.seen = SeenTally()
        self.masks = MaskStore()
        self.recorder = recorder
        self.warnings = warnings
        self._cache = cache
        self._cached_calls = CachedCalls(cache, media, self.masks)
        self._scheduler = scheduler
        self._recorded = recorded
        self._still = still
        self._progress = CallProgress(recorder, media, speeds)
        self._next = 1
        self._unindexed = 0
        self._batches: set[int] = set()
        """In which calls of this run were computed."""
        self._lock = threading.Lock()
        """Of the counts and records; programs of one run may call at the same time."""

    def call(
        self,
        task: str,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        *,
        cell: int,
        line: int,
        ahead: ReadAhead | None = None,
        written: Collection[str] = (),
    ) -> object:
        """Answer one call; the value is as the sandbox takes it.

        Args:
            task: the module's name in programs.
            args: raw and hostile, as the sandbox gave them.
            kwargs: likewise.
            cell: where the call stands in the program.
            line: likewise, from 1.
            ahead: the calls that its program has announced.
            written: the texts that stand in the program.

        Raises:
            ModuleInputError: an argument is wrong.
            ModuleFailedError: the module broke.
            BudgetError: the budget is spent.
            MissingError: a package or weights are missing.
        """
        bound = None if ahead is None else ahead.bound(task, args, kwargs)
        prepared = self.prepare(
            task, args, kwargs, cell=cell, line=line, bound=bound, written=written
        )
        if ahead is not None:
            is_known = prepared.cached is not None
            prepared.guess = ahead.take(prepared.spec, prepared.key, is_known=is_known)
            if prepared.guess is not None:
                prepared.cached = None
        return self.settle(self.submit(prepared))

    def read_ahead(
        self, written: Collection[str] = (), scout: Scout | None = None
    ) -> ReadAhead | None:
        """For the calls that one cell announces; None where calls are answered from a recording.

        `written` are the texts that stand in its program; `scout` finds out what no loop announces.
        """
        if self._recorded is not None:
            return None
        modules = {
            task: spec
            for task, spec in self.modules.items()
            # What may be reused is not known before the calls ahead of it are answered.
            if spec.may_run_ahead and (self._still is None or frame_of(spec) is None)
        }
        guesses = Guesses(self, self._scheduler, written)
        return ReadAhead(guesses, modules, self._scheduler, self._calls_left, scout)

    def _calls_left(self, spec: ModuleSpec) -> int:
        left = self.budget.calls_left
        return left if spec.vlm is None else min(left, self.budget.llm_calls_left)

    def end_ahead(self, ahead: ReadAhead) -> None:
        """A cell is over: count what was made for nothing."""
        wasted = ahead.end()
        with self._lock:
            self.counts.guessed += wasted
            self.counts.wasted += wasted
            self.counts.executed += wasted

    def bind(
        self,
        spec: ModuleSpec,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        written: Collection[str] = (),
    ) -> BoundCall | None:
        """A call with its arguments checked; None if they are wrong."""
        try:
            arguments = self._bound(spec, args, kwargs, written)
            encoded = wire.encode(arguments)
            return BoundCall(arguments, encoded, self._key(spec, videos_in(arguments), encoded))
        except VprogError:
            return None

    def is_known(self, key: str) -> bool:
        """Whether the cache has the result of a call."""
        return self._cache.get(key) is not None

    def look(self, key: str) -> Done | None:
        """What the cache has of a call; see `Guesser`."""
        return self._cached_calls.look(key)

    def guess(self, spec: ModuleSpec, bound: BoundCall) -> Guess:
        """Make a call that no program waits for yet; see `Guesser`."""
        told: list[str] = []
        meter = VlmMeter()
        videos = videos_in(bound.arguments)
        work = self._work(spec, bound.arguments, videos, bound.key, warn=told.append, meter=meter)
        return Guess(self._scheduler.submit(work, is_guess=True), told, meter)

    def prepare(
        self,
        task: str,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        *,
        cell: int,
        line: int,
        bound: BoundCall | None = None,
        written: Collection[str] = (),
    ) -> PreparedCall:
        """Charge and number a call, check its arguments and look for a known result.

        Args and errors: see `call`. `bound` is the call where it was guessed: then that is done.
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
        event_of = partial(
            ModuleCalled,
            id=number,
            cell=cell,
            line=line,
            task=spec.task,
            implementation=spec.implementation,
            result=_NOTHING_YET,
            error=None,
            seconds=0.0,
        )
        began = time.perf_counter()
        if bound is not None:
            event = event_of(arguments=msgspec.Raw(bound.written), how="executed")
            videos = videos_in(bound.arguments)
            return PreparedCall(spec, bound.arguments, event, began, videos, bound.key)
        try:
            arguments = self._bound(spec, args, kwargs, written)
            encoded = wire.encode(arguments)
        except VprogError as error:
            self._record_error(event_of(arguments=msgspec.Raw(b"{}"), how="refused"), error, began)
            raise
        event = event_of(arguments=msgspec.Raw(encoded), how="executed")
        prepared = PreparedCall(spec, arguments, event, began, videos_in(arguments))
        if self._recorded is not None:
            # What ends a replay here is no call: it stands in no recording.
            prepared.recorded = self._recorded.find(spec, encoded, node=current_node())
        if prepared.recorded is None:
            try:
                prepared.key = self._key(spec, prepared.videos, encoded)
                prepared.cached = self._cached(prepared.key)
                if prepared.cached is None and self._still is not None:
                    prepared.cached = self._still.find(prepared)
            except VprogError as error:
                self._record_error(event, error, began)
                raise
        return prepared

    def submit(self, prepared: PreparedCall) -> PreparedCall:
        """Hand a call without a known result to the scheduler.

        Raises:
            BudgetError: it is a look, and the requests to models are spent.
        """
        if prepared.recorded is None and prepared.cached is None:
            if prepared.spec.vlm is not None:
                self.budget.charge_llm_call()
            if prepared.guess is not None:
                prepared.work = prepared.guess.task
                self._scheduler.demand(prepared.work)
            else:
                self._submit(prepared)
        return prepared

    def _submit(self, prepared: PreparedCall) -> CallTask:
        self._progress.begins(prepared.spec, prepared.arguments)
        prepared.work = self._scheduler.submit(self._work_of(prepared))
        return prepared.work

    def _work_of(self, prepared: PreparedCall) -> Work:
        return self._work(
            prepared.spec,
            prepared.arguments,
            prepared.videos,
            prepared.key,
            warn=self.warnings.note_of_module,
            meter=self.meter,
        )

    def _work(
        self,
        spec: ModuleSpec,
        arguments: dict[str, object],
        videos: set[int],
        key: str,
        *,
        warn: Callable[[str], None],
        meter: VlmMeter,
    ) -> Work:
        context = CallContext(
            self.media,
            check=self.budget.check_time,
            warn=warn,
            meter=meter,
            node=current_node(),
            cache_dir=self._cache.folder_of_modules,
            cache_max_mb=self._cache.max_mb,
            masks=self.masks,
            ask=partial(self._ask, spec) if spec.asks else None,
            report=partial(self._progress.goes_on, spec),
        )
        call = Call.of(spec, arguments, context)
        return Work(
            spec,
            call,
            key,
            self._reader_of(spec, arguments),
            self,
            known=partial(self._cached_calls.find, key),
            keep=partial(self._cached_calls.keep, spec, key, videos),
        )

    def _bound(
        self,
        spec: ModuleSpec,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        written: Collection[str] = (),
    ) -> dict[str, object]:
        """The arguments of a call, checked, and within the part that the question is about."""
        arguments = convert.bind(spec.signature, args, kwargs, self.media.videos, written=written)
        window = self.media.window
        if window is None:
            return arguments
        return confined(spec.task, arguments, window, self.media.shown_from)

    def _key(self, spec: ModuleSpec, videos: set[int], written: bytes) -> str:
        hashes = {index: self.media.content_hash(index) for index in videos}
        return call_key(spec, written, hashes)

    def _ask(
        self,
        asker: ModuleSpec,
        asking: CallContext,
        task: str,
        calls: Sequence[Mapping[str, object]],
    ) -> list[object]:
        """Results of another module, for a call that is under way; cached and joined like any.

        They stand in the trace within the result of that call, and are charged to it.
        """
        spec = next((spec for spec in asker.asked if spec.task == task), None)
        if spec is None:
            raise VprogError(
                f'module "{asker.name}" asks "{task}", which it does not declare.',
                hint=f'Declare it: @implements(..., asks=("{task}",)).',
            )
        prepared = [self._prepared_for(spec, arguments, asking.node) for arguments in calls]
        values = []
        # To the scheduler each is a program of its own: none goes before all are queued.
        unknown = [call for call in prepared if call.cached is None]
        if spec.vlm is not None:
            for _ in unknown:
                self.budget.charge_llm_call()
        n_begun = len(unknown)
        for _ in unknown:
            self._scheduler.program_begins()
        try:
            works = self._scheduler.submit_all([self._work_of(call) for call in unknown])
            for call, work in zip(unknown, works, strict=True):
                call.work = work
            for call in prepared:
                asking.check()
                result = self._result(call)
                if call.cached is None:
                    n_begun -= 1
                    self._scheduler.program_ends()
                asking.absorb(
                    seen=result.seen or (),
                    masks=result.masks,
                    frames_decoded=result.frames_decoded,
                    is_degraded=result.is_degraded,
                )
                values.append(result.value)
        finally:
            for _ in range(n_begun):
                self._scheduler.program_ends()
        return values

    def _prepared_for(self, spec: ModuleSpec, raw: Mapping[str, object], node: int) -> PreparedCall:
        """A call that a module makes: it has no line in the program, and none in the trace."""
        arguments = self._bound(spec, (), raw)
        written = wire.encode(arguments)
        event = ModuleCalled(
            id=0, cell=0, line=0, task=spec.task, implementation=spec.implementation,
            arguments=msgspec.Raw(written), result=_NOTHING_YET, error=None,
            how="executed", seconds=0.0, node=node,
        )  # fmt: skip
        prepared = PreparedCall(spec, arguments, event, time.perf_counter(), videos_in(arguments))
        prepared.key = self._key(spec, prepared.videos, written)
        prepared.cached = self._cached(prepared.key)
        return prepared

    def settle(self, prepared: PreparedCall) -> object:
        """Wait for a call's result, check and remember it; the value is as the sandbox takes it.

        Raises:
            VprogError: see `call`.
        """
        try:
            result = self._result(prepared)
            inside = convert.to_sandbox(result.value)
        except VprogError as error:
            self._record_error(prepared.event, error, prepared.began)
            raise
        if self._still is not None:
            self._still.keep(prepared, result)
        self.seen.add(result.seen)
        event, values = prepared.event, list(prepared.arguments.values())
        with self._lock:
            video = self.provenance.video_of(values, named=prepared.videos)
            self.provenance.record(
                ReportedCall(
                    prepared.spec.task,
                    prepared.spec.origin,
                    prepared.arguments,
                    result.value,
                    video,
                )
            )
            self.pictures.looked_at(event.cell, event.line, [*values, result.value], video)
            self._unindexed += len(event.arguments) + len(result.encoded)
            if self._unindexed > _MOST_UNINDEXED:
                self._unindexed = 0
                self.provenance.index()
                self.pictures.index()
        self._record(
            event,
            prepared.began,
            result=msgspec.Raw(result.encoded),
            how=result.how,
            frames_decoded=result.frames_decoded,
            video=video,
            seen=None if result.seen is None else list(result.seen),
            masks=dict(result.masks),
            reused=result.reused,
        )
        return inside

    def _cached(self, key: str) -> CallResult | None:
        known = self._cached_calls.find(key)
        if known is None:
            return None
        for text in known.notes:
            self.warnings.note(str(text))
        return CallResult(known.value, known.encoded, "cached", known.seen, masks=known.masks)

    def _result(self, prepared: PreparedCall) -> CallResult:
        """The result of a call: recorded, cached, or what the scheduler's work came to."""
        if prepared.recorded is not None:
            prepared.event = replace(prepared.event, how="replayed")
            with self._lock:
                self.counts.replayed += 1
            raise_again(prepared.recorded)
            encoded = bytes(prepared.recorded.result)
            value = recorded_value(prepared.spec, encoded)
            masks = prepared.recorded.masks
            self._cached_calls.take_masks(value, masks)
            return CallResult(value, encoded, "replayed", prepared.recorded.seen, masks=masks)
        if prepared.cached is not None:
            with self._lock:
                if prepared.cached.reused is None:
                    self.counts.cached += 1
                else:
                    self.counts.reused += 1
            return prepared.cached
        try:
            done = self._awaited(prepared)
        except MissingError:  # nothing was done
            raise
        except VprogError:  # what came to nothing was done all the same
            self._count_executed(0.0, -self.counts.executed)
            raise
        if done.is_joined:
            with self._lock:
                self.counts.joined += 1
            for note in done.notes:
                self.warnings.note_of_module(note)
        else:
            self._count_executed(done.seconds, done.batch)
            self._progress.took(prepared.spec, prepared.arguments, done.seconds)
        # A file that changed since it was hashed: the result may be of either state, or of neither.
        if not done.is_kept:  # else that was looked at just now
            self._cached_calls.check_unchanged(prepared.videos | videos_read(done))
        how = "joined" if done.is_joined else "executed"
        return CallResult(
            done.value,
            done.encoded,
            how,
            done.seen,
            done.frames_decoded,
            done.masks if done.is_kept else self._cached_calls.masks_of(done),
            done.is_degraded,
        )

    def _awaited(self, prepared: PreparedCall) -> Done:
        """What the scheduler's work comes to."""
        work = prepared.work
        assert work is not None  # submitted
        try:
            if prepared.guess is None:
                return self.budget.wait_for(work, work.who)
            return self._guessed(prepared, prepared.guess, work)
        except (ModuleError, VideoError):  # whatever it met, this is why
            self._cached_calls.check_unchanged(prepared.videos)
            raise

    def _guessed(self, prepared: PreparedCall, guess: Guess, work: CallTask) -> Done:
        """The same of a call that was made ahead; in vain, and it is done again."""
        with self._lock:
            self.counts.guessed += 1
        try:
            done = self.budget.wait_for(work, work.who)
        except GuessFailedError:
            with self._lock:
                self.counts.wasted += 1
                self.counts.executed += 1
            work = self._submit(prepared)
            return self.budget.wait_for(work, work.who)
        if guess.meter.requests:
            self.meter.check()
            self.meter.take_over(guess.meter)
        if not done.is_joined:  # else its notes are told as those of any call that joined
            for text in guess.told:
                self.warnings.note_of_module(text)
        return done

    def _reader_of(
        self, spec: ModuleSpec, arguments: Mapping[str, object]
    ) -> Callable[[object], object]:
        """Makes a checked value of what the module returns, by signature and facts of the files."""
        videos = self.media.videos
        about = [value for value in arguments.values() if isinstance(value, Video)]

        def read(returned: object) -> object:
            return convert.from_module(
                returned, spec.signature.returns, where=spec.name, videos=videos, about=about
            )

        return read

    def _count_executed(self, seconds: float, batch: int) -> None:
        with self._lock:
            self.counts.executed += 1
            self._batches.add(batch)
            self.counts.batches = len(self._batches)
            self.counts.module_seconds += seconds

    def _record_error(self, event: ModuleCalled, error: VprogError, began: float) -> None:
        text = f"{error.code}: {error}".splitlines()[0][:500]
        self._record(event, began, error=text, fault=fault_of(error))

    def _record(self, event: ModuleCalled, began: float, **known: object) -> None:
        seconds = round(time.perf_counter() - began, 6)
        self.recorder.write(replace(event, seconds=seconds, **known))
        self.warnings.pass_on()
