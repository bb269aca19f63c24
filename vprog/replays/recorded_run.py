"""A recorded run as something to run again: its modules, its videos, its settings, its program."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from vprog.config import SCALAR_KEYS, Settings, load_settings
from vprog.errors import PackageMissingError, TraceError, UsageError
from vprog.execute.pictures import picture_key
from vprog.execute.recorded_calls import RecordedCalls
from vprog.execute.result_cache import ResultCache
from vprog.execute.runtime import Runtime
from vprog.media.file import MediaFile, open_media
from vprog.registry.discover import discover
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.replays.recorded_media import RecordedMedia
from vprog.replays.recorded_result import RecordedResult, result_of
from vprog.runs.run import Source
from vprog.trace.branches import chosen_events
from vprog.trace.event import ModuleCalled, PictureKept, ProgramWritten, VideoOpened
from vprog.trace.recorder import is_picture
from vprog.trace.store import Recording, find_trace, read_trace

_OF_NOW = frozenset({"device", "max_seconds", "require_jail", "trace_max_mb", "cache_max_mb"})
"""Settings of this machine and this time; all others are those of the recorded run."""

_VLM = "vlm"
"""Of now as well, unless nothing can be shown to it: frames go only to a model that is named."""


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
        found = [e for e in chosen_events(self.recording.events) if isinstance(e, ProgramWritten)]
        if not found:
            why = self.result.error.message if self.result.error is not None else ""
            raise TraceError(
                f"{self.name}: no program ran in it. {why}".strip(),
                hint="Name a run that has a program; `vprog trace show` shows it.",
            )
        return found

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
        found: dict[str, ModuleSpec] = {}
        for used in self.recording.started.modules:
            known = registry.implementations(used.task) if used.task in registry else ()
            spec = next(
                (each for each in known if each.implementation == used.implementation), None
            )
            if spec is not None:
                found[used.task] = spec
            elif (used.task, used.implementation) in called:
                raise PackageMissingError(
                    f"{self.name}: it called {used.task}/{used.implementation} of "
                    f"{used.distribution}, which is not installed.",
                    hint=f"Install it: pip install {used.distribution.split(' ')[0]}.",
                )
        wanted = dict(swapped or {})
        chosen = registry.choose(wanted)
        return {**found, **{task: chosen[task] for task in wanted}}

    def changes_of_version(self, modules: Mapping[str, ModuleSpec]) -> dict[str, str]:
        """By task the modules that the run called and that are not what they were, in words.

        Args:
            modules: those of now; of one that looks with no model nothing can be said.
        """
        called = {call.task for call in self.calls}
        found: dict[str, str] = {}
        for used in self.recording.started.modules:
            spec = modules.get(used.task)
            if used.task not in called or spec is None or (spec.vlm_kind and spec.vlm is None):
                continue
            weights = spec.identity()[3]
            if spec.implementation != used.implementation:
                continue
            if spec.version != used.version:
                found[used.task] = (
                    f"{spec.name} was version {used.version} and is {spec.version} now"
                )
            elif weights != used.weights:
                found[used.task] = f"{spec.name} had {used.weights} and has {weights} now"
        return found

    def source(
        self,
        *,
        is_closed: bool,
        videos: Sequence[str | Path] = (),
        asked_anew: Collection[str] = (),
    ) -> Source:
        """Media that open when first looked at, and the calls that are known.

        Args:
            is_closed: whether nothing beyond the recording may answer.
            videos: where the videos lie now; by default where they lay.
            asked_anew: tasks whose calls are not answered from the recording.

        Raises:
            UsageError: another number of videos.
        """
        opened = self.recording.started.videos
        if videos and len(videos) != len(opened):
            raise UsageError(
                f"{self.name}: it has {len(opened)} videos, got {len(videos)}.",
                hint="Give --video once for each of them, in their order, or not at all.",
            )
        origins = [_origin(each, moved_to) for each, moved_to in zip_longest(opened, videos)]

        def open_file(index: int) -> MediaFile:
            path, subtitles = origins[index]
            return open_media(Path(path), subtitles=subtitles, reader=self.settings.reader)

        media = RecordedMedia(
            [each.video for each in opened],
            hashes=[each.content_hash for each in opened],
            origins=origins,
            open_file=open_file,
        )
        recorded = RecordedCalls(self.recording.events, is_closed=is_closed, asked_anew=asked_anew)
        return Source(media, recorded, self.name)


def _origin(opened: VideoOpened, moved_to: str | Path | None) -> tuple[str, str | None]:
    """Where a video and its subtitles lie now."""
    if moved_to is None:
        return opened.path, opened.subtitles
    subtitles = opened.subtitles
    if subtitles is not None and not Path(subtitles).is_file():
        subtitles = None  # moved as well: those beside the video are found there
    return str(moved_to), subtitles


def open_run(
    trace: str | Path, given: Mapping[str, Any], *, is_closed: bool = False
) -> RecordedRun:
    """A recorded run with the settings under which it is to run again.

    Args:
        trace: its folder, its name, or "last".
        given: settings of now; they go before those of the recorded run.
        is_closed: whether the settings of then hold whatever is given: nothing can be asked
            anew.

    Raises:
        TraceNotFoundError: there is none.
        TraceError: it is no trace, is damaged, or did not come to a result.
    """
    now = load_settings(given)
    recording = read_trace(find_trace(now.trace_dir, str(trace)))
    result = result_of(recording)
    then = recording.started.settings
    kept = {
        key: then[key]
        for key in SCALAR_KEYS
        if key not in _OF_NOW
        and (is_closed or (key != _VLM and key not in now.sources))
        and isinstance(then.get(key), type(getattr(now, key)))
    }
    return RecordedRun(recording, result, replace(now, **kept))  # type: ignore[arg-type]


@contextmanager
def runtime_of(
    run: RecordedRun, modules: Mapping[str, ModuleSpec], registry: Registry, *, is_closed: bool
) -> Iterator[Runtime]:
    """A runtime with just these modules, for the length of a `with` block.

    The pictures that the run kept are in its cache. Of a closed one the cache lives in memory,
    and no model that looks is opened.
    """
    cache = ResultCache(None) if is_closed else None
    settings = replace(run.settings, vlm="") if is_closed else run.settings
    runtime = Runtime(settings, registry, modules=modules, cache=cache)
    try:
        hashes = [video.content_hash for video in run.recording.started.videos]
        for event in run.recording.events:
            if isinstance(event, PictureKept) and 0 <= event.video < len(hashes):
                jpeg = _picture(run.recording, event.file)
                if jpeg is not None:
                    key = picture_key(hashes[event.video], event.time)
                    runtime.cache.keep(key, jpeg, task="(pictures)")
        yield runtime
    finally:
        runtime.close()


def _picture(recording: Recording, name: str) -> bytes | None:
    """A kept picture; None for one that is gone or damaged: it is decoded, or done without."""
    try:
        jpeg = recording.picture(name)
    except TraceError:
        return None
    return jpeg if is_picture(name, jpeg) else None


def registry_or_installed(registry: Registry | None) -> Registry:
    """The registry that was given, else all that is installed."""
    return registry if registry is not None else discover()
