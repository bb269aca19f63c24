"""One question from its files to its result: the run folder, the counts, the ending."""

from __future__ import annotations

import re
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from vprog.errors import (
    AbstainedError,
    BudgetError,
    ProgramFailedError,
    VideoUnreadableError,
    VprogError,
)
from vprog.execute.broker import Broker
from vprog.execute.budget import Budget
from vprog.execute.cell_outcome import Outcome
from vprog.execute.executor import Executor
from vprog.execute.recorded_calls import RecordedCalls
from vprog.execute.result_cache import ResultCache
from vprog.execute.run_warnings import RunWarnings
from vprog.execute.runtime import Runtime
from vprog.execute.still_frames import StillFrames
from vprog.exit_status import Status
from vprog.media.run_videos import MediaSource
from vprog.program.program import Program
from vprog.registry.call_context import VlmMeter
from vprog.rules.times import take_times
from vprog.runs.answer_reading import read_answer
from vprog.runs.inputs import open_files
from vprog.runs.result import ErrorInfo, Result, error_info, fault_of, interrupted_result
from vprog.runs.run_events import (
    cost_of,
    isolation_layers,
    last_events,
    open_trace,
    run_started,
)
from vprog.runs.score import Score, score_outcome
from vprog.runs.stored_calibration import load_grader
from vprog.settings import Settings
from vprog.trace.event import (
    Abstained,
    CellFailed,
    ProgramWritten,
    TraceEvent,
    Warned,
)
from vprog.trace.store import prune_now_and_then

RULES = "rules"
"""The writer that needs no model, and the path of its answers."""

PROGRAM = "program"
"""The writer of a program of one's own, and the path of its answers."""

FAST = "fast"
"""The path of answers that the VLM gave."""

_FROM_END = re.compile(r"\b(?:end|ending|last|final|close|finish|half|middle|halfway)\b")
"""Times that hang on where a video ends, which is not known of one that was cut."""

_ABOUT_ALL = re.compile(
    r"\b(?:last|final|finally|end|ends|most|least|(?:long|short|loud|quiet|bright|dark|large|bigg|"
    r"small|high|low|fast|slow)est)\b",
    re.IGNORECASE,
)
"""Of a video that was cut, another one may come later."""

_PICTURES_S, _LATE_S = 10.0, 1.0
"""How long keeping the pictures of a trace may take in any case: after an answer, and where the
time was over before there was one."""


@dataclass(frozen=True)
class Source:
    """Where a question's media and module results come from.

    Attributes:
        media: the videos.
        recorded: calls of another run that are answered from its trace.
        replay_of: the name of that run.
    """

    media: MediaSource
    recorded: RecordedCalls | None = None
    replay_of: str = ""
    pictures: ResultCache | None = None
    """Kept pictures of its videos; by default those in the runtime's cache."""


class Run:
    """An open question: files opened, trace begun, budget running. Use it in a `with` block."""

    def __init__(
        self,
        runtime: Runtime,
        settings: Settings,
        videos: Sequence[str | Path],
        question: str,
        *,
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        writer: str = RULES,
        listen: Callable[[TraceEvent], None] | None = None,
        source: Source | None = None,
        prompt: str = "",
    ) -> None:
        """Open the files and begin the trace.

        Args:
            runtime: what serves module calls.
            settings: what the question may spend, and where its trace lies.
            videos: the files; none where `source` is given.
            question: its text.
            choices: the options, if one of them is the answer.
            subtitles: of the one video.
            writer: what writes programs, as traces name it.
            listen: called with every event.
            source: where media and module results come from, if not from files and modules.
            prompt: as the client sent it, where question and choices were taken out of it.

        Raises:
            VideoError: a file cannot be read.
            BudgetError: the time was over before they were read.
            TraceError, DiskFullError: the trace cannot be written.
        """
        self._began = time.monotonic()
        self.budget = Budget(
            max_calls=settings.max_calls,
            max_seconds=settings.max_seconds,
            max_llm_calls=settings.max_llm_calls,
            max_tokens=settings.max_tokens,
        )
        self.runtime = runtime
        self.settings = settings
        self.text = question
        self.choices = list(choices)
        self.isolation = isolation_layers()
        self.grader = load_grader(settings)
        source = source or self.budget.bounded(
            lambda: Source(
                open_files(
                    videos,
                    subtitles,
                    settings.reader,
                    runtime.media,
                    seconds=settings.max_seconds,
                    part=(settings.start, settings.end),
                    shown=settings.shown,
                )
            ),
            f"the opening of {', '.join(Path(video).name for video in videos)}",
            too_late=lambda late: late.media.close(),
        )
        self.media = source.media
        self._pictures = source.pictures or runtime.cache
        try:
            self.recorder, warning = open_trace(settings, listen)
        except VprogError:
            self.media.close()
            raise
        try:
            self.recorder.write(
                run_started(
                    self.recorder.folder.name,
                    question,
                    self.choices,
                    writer=writer,
                    replay_of=source.replay_of,
                    prompt=prompt,
                    media=self.media,
                    runtime=runtime,
                    settings=settings,
                )
            )
        except BaseException:
            self.recorder.close()
            self.media.close()
            raise
        self.warnings = RunWarnings(self.media, runtime.cache, self.recorder)
        if warning:
            self.warnings.note(warning)
        self.broker = Broker(
            modules=runtime.modules,
            media=self.media,
            cache=runtime.cache,
            scheduler=runtime.scheduler,
            recorder=self.recorder,
            warnings=self.warnings,
            budget=self.budget,
            meter=VlmMeter(self.check_tokens),
            recorded=source.recorded,
            speeds=runtime.speeds,
            still=StillFrames(self.media, self.budget) if settings.reuse_still else None,
        )
        named = [
            (video.index, when)
            for video in self.media.videos
            for when in take_times(question.lower(), video.duration)[1]
        ]
        for index, when in named:
            self.broker.provenance.name_span(index, when.start, when.end)
        self._is_about_times = bool(named) and not any(_FROM_END.search(w.words) for _, w in named)
        self._is_about_all = _ABOUT_ALL.search(question) is not None
        self.executor = Executor(runtime, self.broker, question=question, choices=self.choices)
        self._is_cancelled = False
        self._stops: list[Callable[[], None]] = [self.executor.stop]
        self._lock = threading.RLock()
        """Held while the run ends, so that who cancels it and who answers it do not both end it."""
        self._is_ended = False
        self._ended: Result | None = None

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Have `stop` called, from another thread, when the run is cancelled."""
        self._stops.append(stop)
        if self._is_cancelled:
            stop()

    def cancel(self) -> None:
        """End the run soon, from any thread: its result is `interrupted`, its trace complete.

        What waits for a sandbox, a language model or a module is stopped; a module call that
        does not end by itself is left behind.
        """
        self._is_cancelled = True
        self.budget.stop()
        for stop in self._stops:
            stop()

    @property
    def tokens_used(self) -> int:
        """Read and written by all models so far, those that look among them."""
        counts = self.broker.counts
        return counts.tokens_in + counts.tokens_out + self.broker.meter.tokens

    def check_tokens(self, coming: int = 0) -> None:
        """Refuse a further request to a model where the tokens do not hold it.

        Args:
            coming: about how many it reads; 0 if that is not known.

        Raises:
            BudgetError: they do not.
        """
        self.budget.check_tokens(self.tokens_used, coming)

    def run_program(
        self,
        source: str | Program,
        *,
        writer: str,
        note: str = "",
        executor: Executor | None = None,
    ) -> Outcome:
        """Run a program of one cell to its end; the trace says who wrote it.

        Args:
            source: the program.
            writer: who wrote it.
            note: what the trace says beside it.
            executor: what runs it, if not the run's own.

        Raises:
            MissingError, DiskFullError, TraceError: what no program can mend.
        """
        program = Program.of(source)
        self.recorder.write(
            ProgramWritten(cell=0, source=program.text, writer=writer, note=note, is_whole=True)
        )
        return (executor or self.executor).run_whole(program)

    def result_of(
        self,
        outcome: Outcome,
        *,
        path: str,
        program: str,
        reading: str = "",
        by_meaning: bool = False,
        votes: float | None = None,
        reliability: float | None = None,
    ) -> Result:
        """The result of a question whose last cell came to this, trace ended.

        Args:
            outcome: of the cell.
            path: fast, slow, rules or program.
            program: all cells as one text.
            reading: how the rules understood the question.
            by_meaning: whether they did by the likeness of its meaning alone.
            votes: the share of the votes that the answer won, where there were several.
            reliability: of what its evidence comes from, where that was estimated.
        """
        if outcome.status == "answered":
            try:
                answer = read_answer(outcome.value, self.choices)
            except ProgramFailedError as error:
                return self.failed(error, path=path, program=program, line=outcome.line)
            score = self.score_of(
                outcome,
                path=path,
                votes=votes,
                reliability=reliability,
                by_meaning=by_meaning,
            )
            return self.end(
                Result(
                    status=Status.ANSWERED,
                    answer=answer.value,
                    choice=answer.choice,
                    score=score.value,
                    score_parts=score.parts,
                    confidence=(confidence := self.grader.confidence(path, score.value)),
                    calibration=self.grader.name if confidence is not None else "",
                    evidence=outcome.evidence,
                    path=path,
                    program=program,
                    reading=reading,
                )
            )
        if outcome.status == "abstained":
            problem = ErrorInfo("abstained", outcome.reason, "", outcome.line)
            return self.end(
                Result(
                    status=Status.ABSTAINED,
                    error=problem,
                    path=path,
                    program=program,
                    reading=reading,
                )
            )
        ending = outcome.error
        assert ending is not None
        if isinstance(ending.__cause__, VideoUnreadableError):
            ending = ending.__cause__  # the file's fault, not the program's
        return self.end(
            Result(
                status=ending.status,
                error=ErrorInfo(ending.code, ending.message, ending.hint, outcome.line),
                path=path,
                program=program,
                reading=reading,
            )
        )

    def score_of(
        self,
        outcome: Outcome,
        *,
        path: str,
        votes: float | None = None,
        reliability: float | None = None,
        by_meaning: bool = False,
    ) -> Score:
        """The score of an answer to this question; arguments as `result_of`."""
        return score_outcome(
            outcome,
            is_fast=path == FAST,
            votes=votes,
            reliability=reliability,
            # Of a time that it names, a question wants to know nothing of what is cut off.
            unread=self.media.lost if self._is_about_times else self.media.unread,
            is_about_all=self._is_about_all and not self._is_about_times,
            by_meaning=by_meaning,
        )

    def abstained(self, error: AbstainedError, *, path: str, program: str | None = None) -> Result:
        """The result of a question that no program answers, trace ended."""
        self.recorder.write(Abstained(cell=0, line=None, reason=error.message, hint=error.hint))
        return self.end(
            Result(status=Status.ABSTAINED, error=error_info(error), path=path, program=program)
        )

    def failed(
        self, error: VprogError, *, path: str, program: str | None = None, line: int | None = None
    ) -> Result:
        """The result of a question that an error ended, trace ended."""
        self.recorder.write(
            CellFailed(cell=0, line=line, code=error.code, message=error.message, hint=error.hint)
        )
        return self.end(
            Result(status=error.status, error=error_info(error), path=path, program=program)
        )

    def interrupted(self) -> Result:
        """The result of a run that Ctrl-C or `cancel` ended, trace ended."""
        return self.end(interrupted_result())

    def broke(self, error: Exception) -> Result:
        """The result of a question that a fault of ours ended, trace ended."""
        self.recorder.write(Warned(text="".join(traceback.format_exception(error))))
        return self.failed(fault_of(error), path="")

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            is_interrupt = isinstance(error, KeyboardInterrupt) or self._is_cancelled
            self.budget.stop()  # for what an interrupt, or the end, left at work
            if is_interrupt and not self._is_ended:
                with suppress(VprogError):  # what ended the block is what must get through
                    self.interrupted()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of files and workers; a second call does nothing."""
        self.executor.close()
        self.recorder.close()
        self.media.close()

    def end(self, result: Result) -> Result:
        """The result with cost, isolation and warnings; the trace ends with it.

        A run ends once: whoever comes second is given what it ended with. A run that was
        cancelled ends as interrupted, whatever it came to.
        """
        with self._lock:
            if self._ended is None:
                self._ended = self._end(interrupted_result() if self._is_cancelled else result)
            return self._ended

    def _end(self, result: Result) -> Result:
        self._is_ended = True
        if result.status != Status.INTERRUPTED:
            self._keep_pictures(result)
        self.runtime.cache.settle()
        self.warnings.pass_on()
        ended = replace(
            result,
            question=self.text,
            cost=cost_of(self.broker, time.monotonic() - self._began),
            isolation=self.isolation,
            trace_path=self.recorder.folder,
            warnings=tuple(self.warnings.texts),
            coverage=self.broker.seen.coverage(self.media.videos),
        )
        self.runtime.cache.n_told = len(self.runtime.cache.warnings)
        for event in last_events(ended, self.broker.counts):
            self.recorder.write(event)
        self.recorder.close()
        prune_now_and_then(
            self.settings.trace_dir,
            self.settings.trace_max_mb * 1_000_000,
            keep=self.recorder.folder,
        )
        return ended

    def _keep_pictures(self, result: Result) -> None:
        """What was looked at, into the trace, as far as there is time for it."""

        def keep() -> None:
            self.broker.pictures.keep(
                result.evidence, self.media, self.recorder, self._pictures, self.warnings.note
            )

        is_over = result.status == Status.LIMIT
        try:
            self.budget.bounded(
                keep, "the keeping of pictures", least_s=_LATE_S if is_over else _PICTURES_S
            )
        except BudgetError:
            self.warnings.note("not all pictures of the trace were kept: the time was over")
