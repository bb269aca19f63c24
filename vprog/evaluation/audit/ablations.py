"""The program of an answer run again under one condition after the other, and what that says.

What the answers say together is whether the recorded one rests on what it cites.

Source: sufficiency as in TimeSearch-R (2025), counterfactual runs as in DeepSport (2025), the
blind and shuffled runs as in TVBench (2024) and VBenchComp (2025).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vprog.errors import TraceError
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

NEARLY_ALL = 0.9
"""A share of the time from which on what is cited and the whole video are the same."""

AGAIN, ONLY, WITHOUT, SHUFFLED, BLIND, TEXT_ONLY = (
    "again", "only", "without", "shuffled", "blind", "text_only",
)  # fmt: skip
"""The conditions: the video as it is; what is cited alone; all but that; its pictures in another
order; no picture and no sound; a language model and the question alone."""

POINT_S = 0.5
"""A cited moment stands for this much before and after it."""

FOLDER = "audit"
"""In the folder of the audited run: the traces of its audits."""

_OWN_ENDS = ("answered", "abstained", "rejected", "failed")
"""Ends of a program that are its own; others say nothing of the condition."""

_ORDER = re.compile(
    r"\b(?:first|last|before|after|afterwards|then|next|previous|earlier|earliest|later|latest|"
    r"order|sequence|initially|finally)\b",
    re.I,
)


@dataclass(frozen=True)
class Ablation:
    """The answer under one condition.

    Attributes:
        name: of the condition.
        what: the same in words.
        answer: None where there was none.
        why: why there was none; "" otherwise.
        is_same: whether it is the recorded answer; None where that could not be asked, e.g.
            because a model was not reached.
        trace: of the run, if it was one; it lies in the folder of the audited one.
    """

    name: str
    what: str
    answer: object
    why: str
    is_same: bool | None
    trace: Path | None = None


def asks_order(question: str, choices: Sequence[str] = ()) -> bool:
    """Whether a question, or what it offers to choose from, is about what comes before what."""
    return any(_ORDER.search(text) for text in (question, *choices))


def conclude(
    ablations: Sequence[Ablation], *, cited: float, is_of_order: bool = False
) -> tuple[str, bool | None]:
    """The verdict over the ablations, and whether the answer rests on what it cites.

    Args:
        ablations: `again` at least; `blind` where that gave the answer; `only` and `without` where
            something is cited.
        cited: the share of the time that is cited.
        is_of_order: whether the question is about what comes before what in the pictures.

    Returns:
        A few sentences; True, False, or None where nothing can be said.
    """
    same = {ablation.name: ablation.is_same for ablation in ablations}
    verdict, rests = _of_video(ablations, same, cited, is_of_order=is_of_order)
    if rests and same.get(SHUFFLED) is False:
        verdict += " The order of the pictures matters to it."
    if same.get(TEXT_ONLY):
        verdict += " A language model gives the same answer to the question alone."
    others = [one.answer for one in ablations if one.name == WITHOUT and one.is_same is False]
    if rests and others and others[0] is not None:
        verdict += f" The rest of the video alone gives another one: {others[0]}."
    return verdict, rests


def _of_video(
    ablations: Sequence[Ablation],
    same: dict[str, bool | None],
    cited: float,
    *,
    is_of_order: bool,
) -> tuple[str, bool | None]:
    for ablation in ablations:
        needed = (AGAIN, ONLY, WITHOUT, BLIND, *([SHUFFLED] if is_of_order else []))
        if ablation.is_same is None and ablation.name in needed:
            return f"Nothing can be said: with {ablation.what}, {ablation.why}", None
    if not same[AGAIN]:
        return (
            "Nothing can be said: the answer does not come out again on the video as it is.",
            None,
        )
    if same[BLIND]:
        return (
            "The answer does not rest on what is seen or heard: it is the same without any "
            "picture or sound.",
            False,
        )
    if is_of_order and same.get(SHUFFLED):
        return (
            "The answer does not rest on what it cites: the question is about order, and the "
            "answer is the same with the pictures in another one.",
            False,
        )
    if ONLY not in same:
        return "The answer cites nothing; it does need the video.", None
    match same[ONLY], same[WITHOUT]:
        case True, False if cited > NEARLY_ALL:
            return (
                f"The answer needs the video. It cites {cited:.0%} of its time: which part of "
                "that it rests on cannot be told.",
                None,
            )
        case True, False:
            return "The answer rests on what it cites: that is enough, and needed.", True
        case True, _:
            return (
                "What it cites is enough for the answer, but not needed: the rest of the video "
                "says the same.",
                True,
            )
        case False, True:
            return (
                "The answer does not rest on what it cites: it does not follow from that alone, "
                "and stands without it.",
                False,
            )
    return "The answer needs what it cites, and more of the video than that.", True


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
