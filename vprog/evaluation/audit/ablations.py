"""The program of an answer run again under one condition after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from vprog.errors import TraceError
from vprog.evaluation.audit.altered_media import BLOCK_S, Alteration, AlteredMedia
from vprog.evaluation.audit.audit_verdict import AGAIN, BLIND, ONLY, SHUFFLED, WITHOUT, Arm
from vprog.execute.runtime import Runtime
from vprog.media.source import MediaSource
from vprog.replays.changed_program import run_cells
from vprog.replays.recorded_run import RecordedRun
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run, Source
from vprog.runs.votes import agree
from vprog.trace.event import TraceEvent
from vprog.types import Span, Video

POINT_S = 0.5
"""A cited moment stands for this much before and after it."""

FOLDER = "audit"
"""In the folder of the audited run: the traces of its audits."""

_SEED = 20

_SAID = ("answered", "abstained", "rejected", "failed")
"""Ends of a program that are its own; others say nothing of the condition."""


class Conditions:
    """Runs the program of one answer under several conditions."""

    def __init__(
        self,
        run: RecordedRun,
        runtime: Runtime,
        *,
        videos: Sequence[str | Path] = (),
        listen: Callable[[TraceEvent], None] | None = None,
    ) -> None:
        """Look whether the files of then are there, and make room for the traces.

        Args:
            run: which gave the answer.
            runtime: with the modules that served it.
            videos: where the videos lie now, if not where they lay.
            listen: called with every event of every run that is made.

        Raises:
            VideoError: a video is gone, or is not the one of then.
            TraceError: the folder of the run cannot be written to.
        """
        self._run = run
        self._runtime = runtime
        self._videos = videos
        self._listen = listen
        self._open().close()
        folder = run.recording.folder / FOLDER
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise TraceError(
                f"{folder}: the traces of an audit cannot be written there: {error.strerror}.",
                hint="Copy the folder of the run to where you may write, and audit the copy.",
            ) from error
        self._settings = replace(run.settings, trace_dir=folder)

    def again(self) -> Arm:
        """The video as it is; calls are answered from the trace."""
        source = self._run.source(is_closed=False, videos=self._videos)
        return self._arm(AGAIN, "the video as it is", source)

    def altered(self) -> list[Arm]:
        """The video with something done to it, in each way that makes sense for the answer."""
        cited = cited_spans(self._run)
        opened = [video.video for video in self._run.recording.started.videos]
        ways: list[tuple[str, str, Alteration]] = []
        if any(cited):
            ways += [
                (ONLY, "what the answer cites, alone", Alteration(shown=cited)),
                (WITHOUT, "all but what the answer cites", Alteration(hidden=cited)),
            ]
        if any(each.n_frames and each.duration > BLOCK_S for each in opened):
            ways.append((SHUFFLED, "its pictures shuffled", Alteration(seed=_SEED)))
        nothing: tuple[tuple[Span, ...], ...] = tuple(() for _ in opened)
        ways.append((BLIND, "no picture and no sound", Alteration(shown=nothing)))
        return [
            self._arm(name, what, Source(AlteredMedia(self._open(), way), replay_of=self._run.name))
            for name, what, way in ways
        ]

    def _open(self) -> MediaSource:
        """The files, all opened and compared with those of the run."""
        media = self._run.source(is_closed=False, videos=self._videos).media
        try:
            for video in media.videos:
                media.facts(video.index)
        except BaseException:
            media.close()
            raise
        return media

    def _arm(self, name: str, what: str, source: Source) -> Arm:
        started = self._run.recording.started
        with Run(
            self._runtime,
            self._settings,
            (),
            started.question,
            choices=started.choices,
            writer=PROGRAM,
            listen=self._listen,
            source=source,
        ) as run:
            result = run_cells(
                run,
                [cell.source for cell in self._run.cells],
                is_whole=self._run.cells[-1].is_whole,
            )
        why = ""
        if result.error is not None:
            why = f"{result.status}: {result.error.message}"
        is_same = self._is_same(result) if result.status in _SAID else None
        return Arm(name, what, result.answer, why, is_same, result.trace_path)

    def _is_same(self, result: Result) -> bool:
        if result.status != "answered":
            return False
        then = self._run.result
        if then.choice is not None:
            return bool(result.choice == then.choice)
        return agree(result.answer, then.answer)


def cited_spans(run: RecordedRun) -> tuple[tuple[Span, ...], ...]:
    """The stretches that an answer cites, by video; joined where they overlap."""
    found: list[tuple[Span, ...]] = []
    for opened in run.recording.started.videos:
        spans = sorted(
            _widened(each.start, each.end, opened.video)
            for each in run.result.evidence
            if each.video == opened.video.index and each.start is not None
        )
        joined: list[Span] = []
        for span in spans:
            if joined and span.start <= joined[-1].end:
                joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
            else:
                joined.append(span)
        found.append(tuple(joined))
    return tuple(found)


def _widened(start: float, end: float | None, video: Video) -> Span:
    """A cited stretch; one shorter than a moment is widened to one."""
    stop = start if end is None else end
    if stop - start < 2 * POINT_S:
        middle = (start + stop) / 2
        start, stop = middle - POINT_S, middle + POINT_S
    return Span(max(0.0, start), min(video.duration, stop))
