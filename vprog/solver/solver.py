"""Answers questions: chooses writer, modules and sandbox, and runs program after program.

`solve` and `run` are the library's two verbs; the command line calls them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vprog.config import Settings, load_settings
from vprog.errors import AbstainedError, UsageError, VprogError
from vprog.registry.registry import Registry
from vprog.rules.interpretation import Unanswerable
from vprog.rules.rule_writer import write
from vprog.runs.inputs import check_question
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, Run
from vprog.solver.engines import close, runtime_for
from vprog.trace.event import ProgramWritten, TraceEvent

if TYPE_CHECKING:
    from vprog.solver.modelled import ModelledWay

RULES = "rules"
"""The writer that needs no model."""

__all__ = ["Videos", "close", "run", "solve"]

Videos = str | Path | Sequence[str | Path]


def solve(
    video: Videos,
    question: str,
    *,
    choices: Sequence[str] = (),
    subtitles: str | Path | None = None,
    registry: Registry | None = None,
    listen: Callable[[TraceEvent], None] | None = None,
    **settings: Any,
) -> Result:
    """Answer a question about one or several videos (or sound files).

    Args:
        video: path of the file, or a list of paths.
        question: in English, e.g. "How many people are there at 0:12?".
        choices: the options, if one of them is the answer.
        subtitles: a subtitle file; without it, one beside the video or inside it is used.
        registry: modules to use instead of those that installed packages offer.
        listen: called with every event of the trace as it happens.
        **settings: any setting of vprog.config.Settings, e.g. llm="openai:gpt-x".

    Returns:
        The result. `status` says whether there is an answer; a question that cannot be
        answered gives a result that says why, not an exception.

    Raises:
        UsageError, ConfigError: the call is put together wrongly.
        VideoError: a file cannot be read.
        MissingError: something that the call names is not installed.
        TraceError, DiskFullError: the trace cannot be written.

    Example:
        >>> vprog.solve("kitchen.mp4", "How many shots are there?").answer
        7
    """
    chosen = load_settings(settings)
    check_question(question, choices)
    way = None if _rules_alone(chosen) else _modelled(chosen)
    try:
        with (
            runtime_for(chosen, registry) as runtime,
            Run(
                runtime,
                chosen,
                _listed(video),
                question,
                choices=choices,
                subtitles=subtitles,
                writer=way.writer if way is not None else RULES,
                listen=listen,
            ) as run,
        ):
            answer = way.answer if way is not None else _solve_with_rules
            return _guarded(run, lambda: answer(run))
    finally:
        if way is not None:
            way.close()


def run(
    video: Videos,
    program: str,
    *,
    question: str = "",
    choices: Sequence[str] = (),
    subtitles: str | Path | None = None,
    registry: Registry | None = None,
    listen: Callable[[TraceEvent], None] | None = None,
    **settings: Any,
) -> Result:
    """Run a program of one's own over one or several videos; no language model.

    Args:
        video: path of the file, or a list of paths.
        program: the text of the program, which ends in a call of `answer` or `abstain`.
        question: what the program sees as `question`.
        choices: what it sees as `choices`; then its answer must be one of them.
        subtitles, registry, listen, **settings: as for `solve`.

    Returns:
        The result; a program that is refused or fails gives a result that says why.

    Raises:
        As `solve`.
    """
    chosen = load_settings(settings)
    with (
        runtime_for(chosen, registry) as runtime,
        Run(
            runtime,
            chosen,
            _listed(video),
            question,
            choices=choices,
            subtitles=subtitles,
            writer=PROGRAM,
            listen=listen,
        ) as run,
    ):
        return _guarded(run, lambda: _run_whole(run, program, path=PROGRAM, writer=PROGRAM))


def _rules_alone(settings: Settings) -> bool:
    """Whether no model has a part: none writes, none looks, no strategy is asked for."""
    return (
        settings.llm == RULES
        and not settings.vlm
        and settings.mode != "fast"
        and settings.strategy == Settings.strategy
    )


def _modelled(settings: Settings) -> ModelledWay:
    from vprog.solver.modelled import open_way

    return open_way(settings)


def _guarded(run: Run, work: Callable[[], Result]) -> Result:
    """The result of the work; a fault of ours is a result too, and its trace is kept."""
    try:
        return work()
    except VprogError:
        raise
    except Exception as error:
        if os.environ.get("VPROG_DEBUG"):
            raise
        return run.broke(error)


def _solve_with_rules(run: Run) -> Result:
    runtime = run.runtime
    written = write(run.text, run.choices, run.media.videos, set(runtime.modules))
    if isinstance(written, Unanswerable):
        return run.abstained(AbstainedError(written.reason, hint=written.command), path="rules")
    return _run_whole(run, written.program, path="rules", writer=RULES, reading=written.reading)


def _run_whole(run: Run, program: str, *, path: str, writer: str, reading: str = "") -> Result:
    """Run a program of one cell to its end."""
    run.recorder.write(
        ProgramWritten(cell=0, source=program, writer=writer, note=reading, is_whole=True)
    )
    try:
        outcome = run.executor.run_whole(program)
    except VprogError as error:
        return run.failed(error, path=path, program=program, line=error.line)
    return run.result_of(outcome, path=path, program=program, reading=reading)


def _listed(video: Videos) -> list[str | Path]:
    if isinstance(video, str | Path):
        return [video]
    if not isinstance(video, Sequence):
        raise UsageError(
            f"video must be a path or a list of paths, got {type(video).__name__}.",
            hint='Call vprog.solve("kitchen.mp4", "...").',
        )
    return list(video)
