"""One question from its files to its result: the run folder, the counts, the ending."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

import vprog
from vprog.config import Settings
from vprog.errors import AbstainedError, ProgramFailedError, VprogError
from vprog.execute.broker import Broker
from vprog.execute.budget import Budget
from vprog.execute.engine import Engine
from vprog.execute.outcome import Outcome
from vprog.execute.run import Executor
from vprog.sandbox.isolation import isolation
from vprog.solve.answers import read_answer
from vprog.solve.calibration import load_grader
from vprog.solve.confidence import score_outcome
from vprog.solve.inputs import check_question, open_files
from vprog.solve.result import Cost, Problem, Result, problem_of, status_of
from vprog.trace.event import (
    Abstained,
    CellFailed,
    ModuleUsed,
    RunEnded,
    RunStarted,
    Scored,
    TraceEvent,
    VideoOpened,
    Warned,
)
from vprog.trace.recorder import Recorder, new_run_folder
from vprog.trace.store import prune_now_and_then

PROGRAM = "program"
"""The writer of a program of one's own."""

FAST = "fast"
"""The path of answers that a model gave which looked at frames."""


class Question:
    """An open question: files opened, trace begun, budget running. Use it in a `with` block."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        videos: Sequence[str | Path],
        question: str,
        *,
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        writer: str = "rules",
        listen: Callable[[TraceEvent], None] | None = None,
    ) -> None:
        """Open the files and begin the trace.

        Raises:
            UsageError: the question or the choices cannot be what was meant.
            VideoError: a file cannot be read.
            TraceError, DiskFullError: the trace cannot be written.
        """
        check_question(question, choices, needs_text=writer != PROGRAM)
        self._began = time.monotonic()
        self.engine = engine
        self.settings = settings
        self.text = question
        self.choices = list(choices)
        self.isolation = _isolation()
        self.grader = load_grader(settings)
        self.media = open_files(videos, subtitles, settings.reader)
        try:
            self.recorder = Recorder(new_run_folder(settings.trace_dir), listen=listen)
        except VprogError:
            self.media.close()
            raise
        try:
            self.recorder.write(self._started(writer))
        except BaseException:
            self.recorder.close()
            self.media.close()
            raise
        self.budget = Budget(
            max_calls=settings.max_calls,
            max_seconds=settings.max_seconds,
            max_llm_calls=settings.max_llm_calls,
        )
        self.media.check = self.budget.check_time
        self.broker = Broker(
            modules=engine.modules,
            media=self.media,
            cache=engine.cache,
            scheduler=engine.scheduler,
            recorder=self.recorder,
            budget=self.budget,
        )
        self.executor = Executor(engine, self.broker, question=question, choices=self.choices)
        self._is_ended = False

    def result_of(
        self,
        outcome: Outcome,
        *,
        path: str,
        program: str,
        reading: str = "",
        votes: float | None = None,
    ) -> Result:
        """The result of a question whose last cell came to this, trace ended.

        Args:
            outcome: of the cell.
            path: fast, slow, rules or program.
            program: all cells as one text.
            reading: how the rules understood the question.
            votes: the share of the votes that the answer won, where there were several.
        """
        if outcome.status == "answered":
            try:
                given = read_answer(outcome.value, self.choices)
            except ProgramFailedError as error:
                return self.failed(error, path=path, program=program, line=outcome.line)
            score = score_outcome(outcome, looked=path == FAST, votes=votes)
            return self._end(
                Result(
                    status="answered",
                    answer=given.value,
                    choice=given.choice,
                    score=score.value,
                    score_parts=score.parts,
                    confidence=self.grader.confidence(path, score.value),
                    evidence=outcome.evidence,
                    path=path,
                    program=program,
                    reading=reading,
                )
            )
        if outcome.status == "abstained":
            problem = Problem("abstained", outcome.reason, "", outcome.line)
            return self._end(
                Result(
                    status="abstained", error=problem, path=path, program=program, reading=reading
                )
            )
        assert outcome.error is not None
        return self._end(
            Result(
                status=status_of(outcome.error),
                error=Problem(
                    outcome.error.code, outcome.error.message, outcome.error.hint, outcome.line
                ),
                path=path,
                program=program,
                reading=reading,
            )
        )

    def abstained(self, error: AbstainedError, *, path: str, program: str | None = None) -> Result:
        """The result of a question that no program answers, trace ended."""
        self.recorder.write(Abstained(cell=0, line=None, reason=error.message, hint=error.hint))
        return self._end(
            Result(status="abstained", error=problem_of(error), path=path, program=program)
        )

    def failed(
        self, error: VprogError, *, path: str, program: str | None = None, line: int | None = None
    ) -> Result:
        """The result of a question that an error ended, trace ended."""
        self.recorder.write(
            CellFailed(cell=0, line=line, code=error.code, message=error.message, hint=error.hint)
        )
        return self._end(
            Result(status=status_of(error), error=problem_of(error), path=path, program=program)
        )

    def interrupted(self) -> Result:
        """The result of a question that Ctrl-C ended, trace ended."""
        again = "Run it again: what was computed is cached."
        return self._end(
            Result(
                status="interrupted",
                error=Problem("interrupted", "the run was interrupted.", again),
            ),
            keep_pictures=False,
        )

    def broke(self, error: Exception) -> Result:
        """The result of a question that a fault of ours ended, trace ended."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        self.recorder.write(Warned(text="".join(traceback.format_exception(error))))
        return self.failed(
            VprogError(
                f"a fault in vprog: {type(error).__name__}: {error} "
                f"({Path(where.filename).name}:{where.lineno}).",
                hint="Set VPROG_DEBUG=1 to have it raised, and report it with the trace.",
            ),
            path="",
        )

    def __enter__(self) -> Question:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if isinstance(error, KeyboardInterrupt) and not self._is_ended:
                with suppress(VprogError):  # the interrupt is what must get through
                    self.interrupted()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of files and workers; a second call does nothing."""
        self.executor.close()
        self.recorder.close()
        self.media.close()

    def _end(self, result: Result, *, keep_pictures: bool = True) -> Result:
        self._is_ended = True
        self.media.check = _nothing  # what is left to do is short, and the answer is there
        if keep_pictures:
            self.broker.pictures.keep(result.evidence, self.media, self.recorder, self.engine.cache)
        self.engine.cache.settle()
        self.broker.pass_warnings()
        counts = self.broker.counts
        ended = replace(
            result,
            question=self.text,
            cost=Cost(
                seconds=time.monotonic() - self._began,
                llm_calls=counts.llm_calls,
                tokens_in=counts.tokens_in,
                tokens_out=counts.tokens_out,
                frames_decoded=self.media.frames_decoded,
                module_calls=counts.module_calls(),
            ),
            isolation=self.isolation,
            trace_path=self.recorder.folder,
            warnings=tuple(self.broker.warnings),
        )
        if ended.status == "answered":
            self.recorder.write(
                Scored(
                    score=ended.score, parts=dict(ended.score_parts), confidence=ended.confidence
                )
            )
        self.recorder.write(
            RunEnded(
                status=ended.status,
                result=msgspec.Raw(msgspec.json.encode(ended.to_dict())),
                batches=counts.batches,
                peak_memory_mb=_peak_memory_mb(),
            )
        )
        self.recorder.close()
        prune_now_and_then(
            self.settings.trace_dir,
            self.settings.trace_max_mb * 1_000_000,
            keep=self.recorder.folder,
        )
        return ended

    def _started(self, writer: str) -> RunStarted:
        return RunStarted(
            run=self.recorder.folder.name,
            vprog=vprog.__version__,
            started=datetime.now().astimezone().isoformat(timespec="seconds"),
            question=self.text,
            choices=self.choices,
            videos=[
                VideoOpened(
                    path=str(file.path),
                    content_hash=file.content_hash,
                    video=self.media.video(index),
                    subtitles=str(file.subtitles_path) if file.subtitles_path else None,
                )
                for index, file in enumerate(self.media.files)
            ],
            writer=writer,
            answerer=self.settings.vlm or None,
            device=self.engine.device,
            preset=self.settings.preset,
            isolation=self.isolation,
            modules=[
                ModuleUsed(
                    task=spec.task,
                    implementation=spec.implementation,
                    version=spec.version,
                    weights=spec.identity()[3],
                    backend=spec.backend,
                    distribution=spec.distribution,
                )
                for spec in self.engine.modules.values()
            ],
        )


def _nothing() -> None:
    pass


def _isolation() -> dict[str, bool | list[str]]:
    """Which walls hold here, as traces and results carry it."""
    found = isolation()
    return {
        "gate": found.gate,
        "vm": found.vm,
        "process": found.process,
        "jail": found.jail,
        "missing": list(found.missing),
    }


def _peak_memory_mb() -> float:
    """Of this process so far; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
