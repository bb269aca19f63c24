"""A recorded run as something to run again: modules, videos, settings, program, result.

A trace may come from anywhere: what is read of it is read with care. Its videos are
known by what the trace says, and opened at their first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from vprog.config import SCALAR_KEYS, Settings, load_settings
from vprog.errors import PackageMissingError, TraceError, UsageError, VideoUnreadableError
from vprog.execute.recorded_calls import RecordedCalls
from vprog.media.file import MediaFile, open_media
from vprog.media.shared_file import MediaPool
from vprog.media.source import MediaSource
from vprog.registry.module import ModuleSpec
from vprog.registry.registry import Registry
from vprog.runs.result import ErrorInfo
from vprog.runs.run import Source
from vprog.trace.branches import chosen_events
from vprog.trace.event import ModuleCalled, ProgramWritten, RecordedEvidence, VideoOpened
from vprog.trace.store import Recording, find_trace, read_trace
from vprog.types.frame import Video

_OF_NOW = frozenset({"device", "max_seconds", "require_jail", "trace_max_mb", "cache_max_mb"})
"""Settings of this machine and this time; all others are those of the recorded run."""

_VLM = "vlm"
"""Of now as well, unless nothing can be shown to it: frames go only to a VLM that is named."""


class RecordedResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` printed, without costs and isolation."""

    status: str
    answer: int | float | str | list[int | float | str] | None = None
    choice: int | None = None
    score: float | None = None
    confidence: float | None = None
    evidence: list[RecordedEvidence] = []
    path: str | None = None
    program: str | None = None
    error: ErrorInfo | None = None
    warnings: list[str] = []


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
        specs: dict[str, ModuleSpec] = {}
        for used in self.recording.started.modules:
            installed = registry.implementations(used.task) if used.task in registry else ()
            spec = next(
                (spec for spec in installed if spec.implementation == used.implementation), None
            )
            if spec is not None:
                specs[used.task] = spec
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

    def source(
        self,
        *,
        is_closed: bool,
        videos: Sequence[str | Path] = (),
        asked_anew: Collection[str] = (),
        pool: MediaPool | None = None,
    ) -> Source:
        """Media that open at their first use, and the recorded calls.

        Args:
            is_closed: whether nothing beyond the recording may answer.
            videos: where the videos lie now; by default where they lay.
            asked_anew: tasks whose calls are not answered from the recording.
            pool: what shares the videos with other runs; by default nobody does.

        Raises:
            UsageError: another number of videos.
        """
        opened = self.recording.started.videos
        if videos and len(videos) != len(opened):
            raise UsageError(
                f"{self.name}: it has {len(opened)} videos, got {len(videos)}.",
                hint="Give --video once for each of them, in their order, or not at all.",
            )
        origins = [_origin(video, moved_to) for video, moved_to in zip_longest(opened, videos)]

        def open_file(index: int) -> MediaFile:
            path, subtitles = origins[index]
            return open_media(
                Path(path), subtitles=subtitles, reader=self.settings.reader, pool=pool
            )

        media = RecordedMedia(
            [video.video for video in opened],
            hashes=[video.content_hash for video in opened],
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
    ended = recording.ended
    if ended is None and recording.damage:
        raise TraceError(
            f"{name}: the trace is damaged: {recording.damage}.",
            hint="`vprog trace show` shows what of it can be read.",
        )
    if ended is None or ended.status in ("interrupted", "internal"):
        how = "was cut off" if ended is None else f"ended as {ended.status}"
        raise TraceError(
            f"{name}: the run {how}: there is no result to repeat.",
            hint="Ask the question again: what was computed is cached.",
        )
    hint = "The file was changed, or is of another version of vprog."
    if not recording.started.videos:
        raise TraceError(f"{name}: the trace names no video.", hint=hint)
    try:
        return msgspec.json.decode(ended.result, type=RecordedResult)
    except msgspec.MsgspecError as error:
        raise TraceError(f"{name}: its result cannot be read: {error}.", hint=hint) from error


class RecordedMedia(MediaSource):
    """Media that need not be there as long as nobody asks for a frame or a sound."""

    def __init__(
        self,
        videos: Sequence[Video],
        *,
        hashes: Sequence[str],
        origins: Sequence[tuple[str, str | None]],
        open_file: Callable[[int], MediaFile],
    ) -> None:
        """Nothing is opened yet.

        Args:
            videos: as the recorded programs saw them.
            hashes: the content hash of each.
            origins: where each lay, and the subtitles beside it.
            open_file: opens the file of an index; raises VideoError.
        """
        super().__init__([])
        self.videos = list(videos)
        self._hashes = list(hashes)
        self._origins = list(origins)
        self._open_file = open_file
        self._opened: dict[int, MediaFile] = {}
        self._opening = threading.Lock()

    def origin(self, video: int) -> tuple[str, str | None]:
        """Where the file lay when the run was recorded."""
        self._check_index(video)
        return self._origins[video]

    def content_hash(self, video: int) -> str:
        """That of the recorded file: what is opened has the same."""
        self._check_index(video)
        return self._hashes[video]

    def _file(self, index: int) -> MediaFile:
        """The file, opened at its first use.

        Raises:
            VideoNotFoundError: it is not there.
            VideoUnreadableError: it is, but is not the file of the recorded run.
        """
        self._check_index(index)
        with self._opening:
            if index not in self._opened:
                file = self._open_file(index)
                if file.content_hash != self._hashes[index]:
                    file.close()
                    raise VideoUnreadableError(
                        f"{file.path}: not the file of the recorded run: its content, or that "
                        "of the subtitles beside it, has changed.",
                        hint="Name the file as it was with --video, or ask anew.",
                    )
                self._opened[index] = file
                self.files.append(file)
            return self._opened[index]
