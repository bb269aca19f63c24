"""The program of an answer run again under one condition after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from vprog.errors import TraceError
from vprog.evaluation.audit.audit_summary import AGAIN, BLIND, ONLY, SHUFFLED, WITHOUT, Ablation
from vprog.execute.runtime import Runtime
from vprog.media.perturbed_media import BLOCK_S, SEED, Perturbation, PerturbedMedia
from vprog.media.run_videos import MediaSource
from vprog.replays.recorded_run import RecordedRun
from vprog.replays.recorded_source import recorded_source
from vprog.replays.run_changed import run_cells
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run, Source
from vprog.runs.votes import agree
from vprog.trace.event import TraceEvent
from vprog.types import Span, Video

POINT_S = 0.5
"""A cited moment stands for this much before and after it."""

FOLDER = "audit"
"""In the folder of the audited run: the traces of its audits."""

_OWN_ENDS = ("answered", "abstained", "rejected", "failed")
"""Ends of a program that are its own; others say nothing of the condition."""


class AblationRuns:
    """Runs the program of one answer under several conditions."""

    def __init__(
        self,
        run: RecordedRun,
        runtime: Runtime,
        *,
        videos: Sequence[str | Path] = (),
        listen: Callable[[TraceEvent], None] | None = None,
    ) -> None:
        """Check that the recorded files are there, and make a folder for the traces.

        Args:
            run: which gave the answer.
            runtime: with the modules that served it.
            videos: where the videos lie now, if not where they lay.
            listen: called with every event of every run that is made.

        Raises:
            VideoError: a video is gone, or is not the recorded one.
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

    def again(self) -> Ablation:
        """The video as it is; calls are answered from the trace."""
        source = recorded_source(
            self._run, is_closed=False, videos=self._videos, pool=self._runtime.media
        )
        return self._ablation(AGAIN, "the video as it is", source)

    def perturbed(self) -> list[Ablation]:
        """The video with something done to it, in every form that makes sense for the answer."""
        cited = cited_spans(self._run)
        opened = [video.video for video in self._run.recording.started.videos]
        perturbations: list[tuple[str, str, Perturbation]] = []
        if any(cited):
            perturbations += [
                (ONLY, "what the answer cites, alone", Perturbation(shown=cited)),
                (WITHOUT, "all but what the answer cites", Perturbation(hidden=cited)),
            ]
        if any(video.n_frames and video.duration > BLOCK_S for video in opened):
            perturbations.append((SHUFFLED, "its pictures shuffled", Perturbation(seed=SEED)))
        nothing: tuple[tuple[Span, ...], ...] = tuple(() for _ in opened)
        perturbations.append((BLIND, "no picture and no sound", Perturbation(shown=nothing)))
        return [
            self._ablation(
                name,
                what,
                Source(PerturbedMedia(self._open(), perturbation), replay_of=self._run.name),
            )
            for name, what, perturbation in perturbations
        ]

    def _open(self) -> MediaSource:
        """The files, all opened and compared with those of the run."""
        media = recorded_source(
            self._run, is_closed=False, videos=self._videos, pool=self._runtime.media
        ).media
        try:
            for video in media.videos:
                media.facts(video.index)
        except BaseException:
            media.close()
            raise
        return media

    def _ablation(self, name: str, what: str, source: Source) -> Ablation:
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
        is_same = self._is_same(result) if result.status in _OWN_ENDS else None
        return Ablation(name, what, result.answer, why, is_same, result.trace_path)

    def _is_same(self, result: Result) -> bool:
        if result.status != "answered":
            return False
        recorded = self._run.result
        if recorded.choice is not None:
            return bool(result.choice == recorded.choice)
        return agree(result.answer, recorded.answer)


def cited_spans(run: RecordedRun) -> tuple[tuple[Span, ...], ...]:
    """The spans that an answer cites, by video; joined where they overlap."""
    by_video: list[tuple[Span, ...]] = []
    for opened in run.recording.started.videos:
        spans = sorted(
            _widened(item.start, item.end, opened.video)
            for item in run.result.evidence
            if item.video == opened.video.index and item.start is not None
        )
        joined: list[Span] = []
        for span in spans:
            if joined and span.start <= joined[-1].end:
                joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
            else:
                joined.append(span)
        by_video.append(tuple(joined))
    return tuple(by_video)


def _widened(start: float, end: float | None, video: Video) -> Span:
    """A cited span; one shorter than a moment is widened to one."""
    stop = start if end is None else end
    if stop - start < 2 * POINT_S:
        middle = (start + stop) / 2
        start, stop = middle - POINT_S, middle + POINT_S
    return Span(max(0.0, start), min(video.duration, stop))
