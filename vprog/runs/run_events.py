"""The trace of a question: where it lies, its first line and its last ones."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from vprog.errors import VprogError
from vprog.execute.broker import Broker
from vprog.execute.run_counts import Counts
from vprog.execute.runtime import Runtime
from vprog.media.run_videos import MediaSource
from vprog.runs.result import Cost, Result
from vprog.sandbox.isolation import isolation
from vprog.settings import SCALAR_KEYS, Settings
from vprog.trace.event import (
    SCHEMA_VERSION,
    ModuleUsed,
    RunEnded,
    RunStarted,
    Scored,
    TraceEvent,
    VideoOpened,
)
from vprog.trace.recorder import Recorder
from vprog.version import __version__


def open_trace(
    settings: Settings, listen: Callable[[TraceEvent], None] | None
) -> tuple[Recorder, str]:
    """A new trace below the settings' folder, and a warning, "" for none.

    Where nobody named a folder and the usual one cannot be made, e.g. in a home that may not be
    written to, the trace lies below the system's folder for temporary files: a question needs a
    trace, but not in a certain place.

    Raises:
        TraceError, DiskFullError: it cannot be written in the folder that was named.
    """
    try:
        return Recorder.open_new(settings.trace_dir, listen=listen), ""
    except VprogError as error:
        if "trace_dir" in settings.sources:
            raise
        try:
            recorder = Recorder.open_new(Path(tempfile.gettempdir()) / "vprog", listen=listen)
        except VprogError:
            raise error from None
        return recorder, f"{error} The trace of this run lies in {recorder.folder}."


def run_started(
    run: str,
    question: str,
    choices: Sequence[str],
    *,
    writer: str,
    media: MediaSource,
    runtime: Runtime,
    settings: Settings,
    replay_of: str = "",
    prompt: str = "",
) -> RunStarted:
    """The first line of a trace.

    Args:
        run: the name of its folder.
        question: its text.
        choices: the options, if one of them is the answer.
        writer: what writes its program.
        media: its files.
        runtime: the modules that serve it.
        settings: the settings that steer it.
        replay_of: the name of the run that it repeats.
        prompt: what the client sent, where question and choices were taken out of it.
    """
    return RunStarted(
        run=run,
        vprog=__version__,
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        question=question,
        choices=list(choices),
        videos=[_opened(media, video.index) for video in media.videos],
        writer=writer,
        answerer=settings.vlm or None,
        device=runtime.device,
        preset=settings.preset,
        isolation=isolation_layers(),
        modules=[
            ModuleUsed(
                task=spec.task,
                implementation=spec.implementation,
                version=spec.version,
                weights=spec.identity()[3],
                backend=spec.backend,
                distribution=spec.distribution,
            )
            for spec in runtime.modules.values()
        ],
        settings={
            key: value
            for key in SCALAR_KEYS
            if isinstance(value := getattr(settings, key), bool | int | float | str)
        },
        replay_of=replay_of,
        prompt=prompt,
        schema=SCHEMA_VERSION,
    )


def isolation_layers() -> dict[str, bool | list[str]]:
    """Which isolation layers hold here, as traces and results carry it."""
    holds = isolation()
    return {
        "gate": holds.gate,
        "vm": holds.vm,
        "process": holds.process,
        "jail": holds.jail,
        "missing": list(holds.missing),
    }


def cost_of(broker: Broker, seconds: float) -> Cost:
    """What a run cost so far, its VLM included."""
    counts, meter = broker.counts, broker.meter
    return Cost(
        seconds=seconds,
        llm_calls=counts.llm_calls + meter.requests,
        tokens_in=counts.tokens_in + meter.tokens_in,
        tokens_out=counts.tokens_out + meter.tokens_out,
        frames_decoded=broker.media.frames_decoded,
        module_calls=counts.module_calls(),
    )


def last_events(result: Result, counts: Counts) -> list[TraceEvent]:
    """The lines that end a trace: what the score is made of, and the result."""
    ended = RunEnded(
        status=result.status,
        result=msgspec.Raw(msgspec.json.encode(result.to_dict())),
        batches=counts.batches,
        peak_memory_mb=_peak_memory_mb(),
    )
    if result.status != "answered":
        return [ended]
    scored = Scored(
        score=result.score,
        parts=dict(result.score_parts),
        confidence=result.confidence,
        calibration=result.calibration,
    )
    return [scored, ended]


def _peak_memory_mb() -> float:
    """Of this process so far; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _opened(media: MediaSource, index: int) -> VideoOpened:
    path, subtitles = media.origin(index)
    return VideoOpened(
        path=path,
        content_hash=media.file_hash(index),
        video=media.video(index),
        subtitles=subtitles,
    )
