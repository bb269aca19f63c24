"""A warm engine: models, cache and workers that many questions share, and the questions' verbs."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack
from weakref import WeakSet

from vprog.errors import UsageError, VprogError
from vprog.llm.language_model import LanguageModel
from vprog.llm.vlm_spec import own_vlm
from vprog.registry.module import VlmSpec
from vprog.registry.registry import Registry
from vprog.runs.inputs import check_question
from vprog.runs.option_prompt import OptionPrompt, split_prompt
from vprog.runs.result import Result
from vprog.runs.run import PROGRAM, RULES, Run
from vprog.settings import Settings, load_settings
from vprog.solver.run_handle import RunHandle
from vprog.solver.runtimes import Runtimes
from vprog.solver.settings_dict import SettingsDict
from vprog.solver.without_models import answer_by_program, answer_by_rules
from vprog.trace.event import TraceEvent
from vprog.view.notebook_progress import progress_in_notebook

if TYPE_CHECKING:
    from vprog.solver.choose_path import AnswerPlan

Videos = str | Path | Sequence[str | Path]


class Engine:
    """What many questions share: loaded models, the cache, the sandbox's workers.

    An engine opens what a question needs when the first one needs it, and keeps it for the next.
    Its methods may be called from several threads at once. `vprog.solve`, `vprog.run` and
    `vprog.start` are those of an engine that the process has anyway.

    Example:
        >>> with vprog.Engine(llm="openai:gpt-4.1", max_seconds=60.0) as engine:
        ...     for question in ("How many shots are there?", "Is there a dog?"):
        ...         print(engine.solve("kitchen.mp4", question).answer)
        7
        no
    """

    def __init__(
        self, *, registry: Registry | None = None, **settings: Unpack[SettingsDict]
    ) -> None:
        """Nothing is loaded yet.

        Args:
            registry: modules to use instead of those that installed packages offer.
            **settings: of every question that does not say otherwise.

        Raises:
            ConfigError: there is no such setting, or its value is wrong.
        """
        self._registry = registry
        self._settings = settings
        self.runtimes = Runtimes()
        self.handles: WeakSet[RunHandle] = WeakSet()
        self._is_closed = False
        if settings:
            _read(settings)
        _open.add(self)

    def solve(
        self,
        video: Videos,
        question: str,
        *,
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        registry: Registry | None = None,
        listen: Callable[[TraceEvent], None] | None = None,
        **settings: Unpack[SettingsDict],
    ) -> Result:
        """Answer a question about one or several videos (or sound files).

        Args:
            video: path of the file, or a list of paths.
            question: in English, e.g. "How many people are there at 0:12?"; or a whole
                multiple-choice prompt with lettered or numbered options, which is taken apart,
                and `result.label` then is the letter.
            choices: the options, if one of them is the answer.
            subtitles: a subtitle file; without it, one beside the video or inside it is used.
            registry: modules to use instead of those that installed packages offer.
            listen: called with every event of the trace as it happens. Without it, a notebook
                shows below the cell how far the run is.
            **settings: any setting of vprog.settings.Settings, e.g. max_seconds=60.0. `llm` is a
                SPEC such as "openai:gpt-4.1" or a language model of one's own (see
                vprog.llm.language_model.LanguageModel), `vlm` likewise (see
                vprog.models.vision_language_model.VlmBackend); several runs may share them, and
                they stay open.

        Returns:
            The result. `status` says whether there is an answer; a question that cannot be
            answered gives a result that says why, not an exception.

        Raises:
            UsageError, ConfigError: the call is put together wrongly.
            VideoError: a file cannot be read.
            BudgetError: the time was over before the files were read.
            MissingError: something that the call names is not installed.
            TraceError, DiskFullError: the trace cannot be written.

        Example:
            >>> vprog.solve("kitchen.mp4", "How many shots are there?").answer
            7
        """
        task = self._task(video, question, choices, subtitles, registry, settings)
        return self._answer(task, listen)

    def run(
        self,
        video: Videos,
        program: str,
        *,
        question: str = "",
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        registry: Registry | None = None,
        listen: Callable[[TraceEvent], None] | None = None,
        **settings: Unpack[SettingsDict],
    ) -> Result:
        """Run a program of one's own over one or several videos; no language model.

        Args:
            video: path of the file, or a list of paths.
            program: the text of the program, which ends in a call of `answer` or `abstain`.
            question: what the program sees as `question`.
            choices: what it sees as `choices`; then its answer must be one of them.
            subtitles, registry, listen: as for `solve`.
            **settings: as for `solve`.

        Returns:
            The result; a program that is refused or fails gives a result that says why.

        Raises:
            As `solve`.

        Example:
            >>> vprog.run("kitchen.mp4", "answer(len(find_shots(video)))").answer
            7
        """
        task = self._task(video, question, choices, subtitles, registry, settings, program)
        return self._answer(task, listen)

    def start(
        self,
        video: Videos,
        question: str,
        *,
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        registry: Registry | None = None,
        program: str | None = None,
        **settings: Unpack[SettingsDict],
    ) -> RunHandle:
        """Begin to answer a question in a thread of its own, and give a handle on the run.

        Args:
            video, question, choices, subtitles, registry: as for `solve`.
            program: one of your own to run instead; the question may be "" then.
            **settings: as for `solve`.

        Returns:
            A handle: `events()`, `cancel()`, `result()`, `done()`; it can be awaited.

        Raises:
            UsageError, ConfigError: the call is put together wrongly. What else `solve` raises,
                `result()` raises.

        Example:
            >>> handle = vprog.start("kitchen.mp4", "How many shots are there?")
            >>> handle.result(timeout=60.0).answer
            7
        """
        task = self._task(video, question, choices, subtitles, registry, settings, program)
        handle = RunHandle(lambda listen, opened: self._answer(task, listen, opened))
        self.handles.add(handle)
        return handle

    async def asolve(
        self,
        video: Videos,
        question: str,
        *,
        choices: Sequence[str] = (),
        subtitles: str | Path | None = None,
        registry: Registry | None = None,
        **settings: Unpack[SettingsDict],
    ) -> Result:
        """Answer a question without holding up the event loop.

        Cancelling the task that awaits it cancels the run.

        Args:
            video, question, choices, subtitles, registry: as for `solve`.
            **settings: as for `solve`.

        Raises:
            As `solve`.

        Example:
            >>> (await vprog.asolve("kitchen.mp4", "How many shots are there?")).answer
            7
        """
        handle = self.start(
            video,
            question,
            choices=choices,
            subtitles=subtitles,
            registry=registry,
            **settings,
        )
        with progress_in_notebook(None) as shown:
            if shown is not None:
                try:
                    async for event in handle:
                        shown(event)
                except BaseException:  # cancelled: asyncio is slow to import for its name
                    handle.cancel()
                    raise
            return await handle

    @contextmanager
    def holding(
        self,
        video: Videos,
        *,
        registry: Registry | None = None,
        **settings: Unpack[SettingsDict],
    ) -> Iterator[None]:
        """Keep files open, with index and decoders, for the questions that the block asks.

        Args:
            video: as for `solve`.
            registry: as for `solve`.
            **settings: those of the questions.

        Raises:
            VideoError: a file cannot be read.

        Example:
            >>> with engine.holding("kitchen.mp4"):
            ...     answers = [engine.solve("kitchen.mp4", text).answer for text in questions]
        """
        chosen, _, vlm = _read({**self._settings, **settings})
        chosen_registry = self._registry if registry is None else registry
        with self.runtimes.lend(chosen, chosen_registry, vlm) as runtime, ExitStack() as stack:
            for path in _listed(video):
                file = runtime.media.open(path, seconds=chosen.max_seconds)
                stack.callback(runtime.media.release, file)
            yield

    def release(self) -> None:
        """Stop the workers and unload the models that are kept for the next question.

        Questions that other threads are asking right now go on; theirs close when they are
        over. The next question opens what it needs again.
        """
        self.runtimes.release()

    def close(self) -> None:
        """Take no more questions; those that are being answered are answered to their end."""
        self._is_closed = True
        self.release()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _task(
        self,
        video: Videos,
        question: str,
        choices: Sequence[str],
        subtitles: str | Path | None,
        registry: Registry | None,
        settings: SettingsDict,
        program: str | None = None,
    ) -> _Task:
        """A question with all that its answer depends on, checked before any file is opened."""
        if self._is_closed:
            raise UsageError("the engine is closed.", hint="Open another: vprog.Engine(...).")
        merged: SettingsDict = {**self._settings, **settings}
        chosen, llm, vlm = _read(merged)
        takes_prompt = program is None and not choices and isinstance(question, str)
        prompt = split_prompt(question) if takes_prompt else None
        if prompt is not None:
            question, choices = prompt.question, prompt.choices
        check_question(question, choices, needs_text=program is None)
        return _Task(
            chosen,
            _listed(video),
            question,
            choices,
            subtitles,
            self._registry if registry is None else registry,
            llm,
            vlm,
            program,
            prompt,
        )

    def _answer(
        self,
        task: _Task,
        listen: Callable[[TraceEvent], None] | None = None,
        opened: Callable[[Run], None] | None = None,
    ) -> Result:
        plan = task.plan()
        try:
            with (
                progress_in_notebook(listen) as listener,
                self.runtimes.lend(task.settings, task.registry, task.vlm) as runtime,
                Run(
                    runtime,
                    task.settings,
                    task.videos,
                    task.question,
                    choices=task.choices,
                    subtitles=task.subtitles,
                    writer=task.writer(plan),
                    listen=listener,
                    prompt="" if task.prompt is None else task.prompt.text,
                ) as run,
            ):
                if opened is not None:
                    opened(run)
                return task.labelled(task.answer(run, plan))
        finally:
            if plan is not None:
                plan.close()


@dataclass(frozen=True)
class _Task:
    settings: Settings
    videos: list[str | Path]
    question: str
    choices: Sequence[str]
    subtitles: str | Path | None
    registry: Registry | None
    llm: LanguageModel | None
    vlm: VlmSpec | None
    """Both the caller's own, in place of those that the settings name."""
    program: str | None
    """The caller's own; None where one is to be written."""
    prompt: OptionPrompt | None
    """What question and choices were taken out of; None where they came apart."""

    def plan(self) -> AnswerPlan | None:
        """How models answer it; None where none has a part."""
        settings = self.settings
        if self.program is not None or (
            self.llm is None
            and settings.llm == RULES
            and not settings.vlm
            and settings.mode != "fast"
            and settings.strategy == Settings().strategy
        ):
            return None
        from vprog.solver.choose_path import open_plan

        return open_plan(settings, self.llm)

    def writer(self, plan: AnswerPlan | None) -> str:
        """What writes its program, as traces name it."""
        if self.program is not None:
            return PROGRAM
        return RULES if plan is None else plan.writer

    def answer(self, run: Run, plan: AnswerPlan | None) -> Result:
        """The result; a fault of ours is a result too, and its trace is kept."""
        try:
            if self.program is not None:
                return answer_by_program(run, self.program)
            return answer_by_rules(run) if plan is None else plan.answer(run)
        except VprogError:
            raise
        except Exception as error:
            if os.environ.get("VPROG_DEBUG"):
                raise
            return run.broke(error)

    def labelled(self, result: Result) -> Result:
        """The result with the label that the prompt gave to the chosen option."""
        if self.prompt is None or result.choice is None:
            return result
        return replace(result, label=self.prompt.labels[result.choice])


def _read(given: SettingsDict) -> tuple[Settings, LanguageModel | None, VlmSpec | None]:
    """The settings of a call, and the language model and the VLM if they were handed in."""
    flags: dict[str, Any] = dict(given)
    llm, vlm = flags.get("llm"), flags.get("vlm")
    if llm is None or isinstance(llm, str):
        llm = None
    else:
        from vprog.solver.own_model import check_model

        flags["llm"] = check_model(llm)
    own = None if vlm is None or isinstance(vlm, str) else own_vlm(vlm)
    if own is not None:
        flags["vlm"] = own.model
    return load_settings(flags), llm, own


def _listed(video: Videos) -> list[str | Path]:
    if isinstance(video, str | Path):
        return [video]
    if not isinstance(video, Sequence):
        raise UsageError(
            f"video must be a path or a list of paths, got {type(video).__name__}.",
            hint='Call vprog.solve("kitchen.mp4", "...").',
        )
    return list(video)


_open: WeakSet[Engine] = WeakSet()


@atexit.register
def close_all() -> None:
    """The process ends: runs that threads still answer come to an end, and so does all else."""
    for engine in list(_open):
        for handle in list(engine.handles):
            handle.stop()
        engine.runtimes.close()
