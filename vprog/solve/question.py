"""One question from its files to its result: the run folder, the counts, the ending."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

import vprog
from vprog.errors import (
    AbstainedError,
    DiskFullError,
    ProgramFailedError,
    UsageError,
    VideoError,
    VprogError,
)
from vprog.execute.broker import Broker
from vprog.execute.budget import Budget
from vprog.execute.engine import Engine
from vprog.execute.outcome import Outcome
from vprog.execute.run import Executor
from vprog.media.file import open_media
from vprog.media.source import MediaSource
from vprog.sandbox.isolation import isolation
from vprog.solve.answers import read_answer
from vprog.solve.result import Cost, Problem, Result, problem_of, status_of
from vprog.trace.event import (
    Abstained,
    CellFailed,
    ModuleUsed,
    RunEnded,
    RunStarted,
    TraceEvent,
    VideoOpened,
)
from vprog.trace.recorder import Recorder, new_run_folder
from vprog.trace.store import prune

MOST_QUESTION = 4000
MOST_CHOICES = 26


class Question:
    """An open question: files opened, trace begun, budget running. Use it in a `with` block."""

    def __init__(
        self,
        engine: Engine,
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
        check_question(question, choices)
        if not videos:
            raise UsageError("no video was given.", hint="Name at least one file.")
        self._began = time.monotonic()
        self.engine = engine
        self.text = question
        self.choices = list(choices)
        self.isolation = _isolation()
        settings = engine.settings
        self.media = _open_all(videos, subtitles, settings.reader)
        try:
            self.recorder = Recorder(new_run_folder(settings.trace_dir), listen=listen)
            self.recorder.write(self._started(writer))
        except VprogError:
            self.media.close()
            raise
        self.budget = Budget(
            max_calls=settings.max_calls,
            max_seconds=settings.max_seconds,
            max_llm_calls=settings.max_llm_calls,
        )
        self.broker = Broker(
            modules=engine.modules,
            media=self.media,
            cache=engine.cache,
            scheduler=engine.scheduler,
            recorder=self.recorder,
            budget=self.budget,
        )
        self.executor = Executor(engine, self.broker, question=question, choices=self.choices)
        self._closed = False

    def result_of(self, outcome: Outcome, *, path: str, program: str, reading: str = "") -> Result:
        """The result of a question whose last cell came to this, trace ended."""
        if outcome.status == "answered":
            try:
                given = read_answer(outcome.value, self.choices)
            except ProgramFailedError as error:
                return self.failed(error, path=path, program=program, line=outcome.line)
            return self._end(
                Result(
                    status="answered",
                    answer=given.value,
                    choice=given.choice,
                    score=outcome.score,
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

    def interrupted(self) -> None:
        """Ctrl-C: end the trace, so that it reads as interrupted."""
        with suppress(VprogError):
            self._end(
                Result(
                    status="interrupted",
                    error=Problem("interrupted", "the run was interrupted.", "Run it again: what "
                                  "was computed is cached."),
                ),
                keep_pictures=False,
            )  # fmt: skip

    def __enter__(self) -> Question:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if isinstance(error, KeyboardInterrupt):
                self.interrupted()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of files and workers; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.executor.close()
        self.recorder.close()
        self.media.close()

    def _end(self, result: Result, *, keep_pictures: bool = True) -> Result:
        if keep_pictures:
            self.broker.pictures.keep(result.evidence, self.media, self.recorder, self.engine.cache)
        try:
            self.engine.cache.flush()
        except DiskFullError as error:
            self.engine.cache.warnings.append(str(error))
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
            warnings=tuple(dict.fromkeys([*self.media.warnings, *self.engine.cache.warnings])),
        )
        self.recorder.write(
            RunEnded(
                status=ended.status,
                result=msgspec.Raw(msgspec.json.encode(ended.to_dict())),
                batches=self.engine.scheduler.batches,
                peak_memory_mb=_peak_memory_mb(),
            )
        )
        self.recorder.close()
        settings = self.engine.settings
        prune(settings.trace_dir, settings.trace_max_mb * 1_000_000, keep=self.recorder.folder)
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
            answerer=None,
            device=self.engine.device,
            preset=self.engine.settings.preset,
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


def check_question(question: str, choices: Sequence[str]) -> None:
    """Refuse what cannot be a question before any file is opened.

    Raises:
        UsageError: with what to do.
    """
    if not question.strip():
        raise UsageError("the question is empty.", hint="Ask something about the video.")
    if len(question) > MOST_QUESTION:
        raise UsageError(
            f"the question has {len(question)} characters, at most {MOST_QUESTION} are taken.",
            hint="Shorten it.",
        )
    if len(choices) == 1 or len(choices) > MOST_CHOICES:
        raise UsageError(
            f"got {len(choices)} choices; a question has none or 2 to {MOST_CHOICES}.",
            hint="Give --choice once for each option.",
        )
    for each in choices:
        if not each.strip() or len(each) > 500:
            raise UsageError(f"the choice {each[:40]!r} is empty or too long.", hint="Correct it.")


def _open_all(
    videos: Sequence[str | Path], subtitles: str | Path | None, reader: str
) -> MediaSource:
    if subtitles is not None and len(videos) > 1:
        raise UsageError(
            "--subs goes with one video.", hint="Put subtitle files beside the videos instead."
        )
    files = []
    try:
        for each in videos:
            files.append(
                open_media(
                    Path(each),
                    subtitles=Path(subtitles) if subtitles is not None else None,
                    reader=reader,
                )
            )
    except VideoError:
        for file in files:
            file.close()
        raise
    return MediaSource(files)


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
