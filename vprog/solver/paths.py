"""How a question is answered where a model has a part: which models, which strategy, which path.

Fast, then slow has three outcomes: the fast answer at or above the threshold; else what programs
say; else, where these fail or abstain, the fast answer again, if it is not below the floor.

Apart from engine.py because strategies and clients take time to import: a question that the
rules answer alone never pays for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vprog.config import Settings
from vprog.errors import AbstainedError, BudgetError, LlmError, UsageError, VprogError
from vprog.llm.client import LanguageModel
from vprog.llm.embedding import open_embedder
from vprog.llm.open import open_llm
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import escalate
from vprog.runs.result import Result
from vprog.runs.run import RULES, Run
from vprog.runs.workspace import Workspace
from vprog.solver.own_model import BorrowedModel
from vprog.solver.without_models import write_by_rules
from vprog.strategies import fast
from vprog.strategies.catalog import DEFAULT, find_strategy, solve_by
from vprog.strategies.strategy import Strategy
from vprog.trace.event import Warned

SLOW = "slow"


@dataclass(frozen=True)
class AnswerPlan:
    """How a question is answered with models; made before any file is opened.

    `sees` says whether the fast path has a say: not where the strategy is itself one that
    shows frames to the VLM.
    """

    settings: Settings
    strategy: Strategy
    model: LanguageModel | None
    sees: bool

    @property
    def writer(self) -> str:
        """What writes, as traces name it."""
        return self.model.name if self.model is not None else RULES

    def answer(self, run: Run) -> Result:
        """Answer by the paths of mode and threshold, or by the strategy alone."""
        if self.sees:
            return self._by_paths(run)
        return solve_by(self.strategy, run, self.model)

    def close(self) -> None:
        """Let go of the model's connections."""
        if self.model is not None:
            self.model.close()

    def _by_paths(self, run: Run) -> Result:
        """By the fast path, the slow one, or one after the other."""
        settings = self.settings
        workspace = Workspace(run, self.model)
        try:
            if settings.mode == "fast":
                attempt = fast.solve(workspace)
                outcome = PathOutcome(
                    fast.PATH, fast.hold_floor(workspace, attempt, hint="leave --fast out")
                )
            else:
                threshold = run.grader.threshold(settings)
                outcome = _fast_then_slow(
                    workspace,
                    lambda: self._slow(workspace),
                    threshold=threshold,
                    floor=settings.floor,
                )
                if outcome.path == fast.PATH and outcome.is_answered and outcome.score >= threshold:
                    self._tell_left_out(run)
        except AbstainedError as error:
            return run.abstained(error, path=self._last_path())
        except VprogError as error:
            return workspace.ended_by(error)
        finally:
            workspace.close()
        return _result(workspace, outcome)

    def _slow(self, workspace: Workspace) -> PathOutcome:
        if self.model is not None:
            return _follow_path(SLOW, lambda: self.strategy.solve(workspace))
        try:
            written = write_by_rules(workspace.run)
        except AbstainedError as error:
            return PathOutcome(RULES, error=error)
        outcome = _follow_path(
            RULES, lambda: workspace.run_whole(written.program, note=written.reading)
        )
        return replace(outcome, reading=written.reading)

    def _tell_left_out(self, run: Run) -> None:
        """Say that the fast answer left no work to the strategy, if one was named."""
        if self.strategy.name != DEFAULT:
            run.broker.warn(
                f"the fast answer stands, and --strategy {self.strategy.name} was not needed: "
                "--slow takes it alone"
            )

    def _last_path(self) -> str:
        if self.settings.mode == "fast":
            return fast.PATH
        return SLOW if self.model is not None else RULES


def open_plan(settings: Settings, own: LanguageModel | None = None) -> AnswerPlan:
    """The plan that the settings ask for.

    Args:
        settings: of the question.
        own: a language model of the caller's, in place of the one that the settings name.

    Raises:
        ConfigError: no such strategy, kind of model or embedder.
        MissingError: a model or a package that is asked for is not there.
        UsageError: the strategy needs a model that writes, and none is named; or it and the
            mode ask for two different paths.
    """
    strategy = find_strategy(settings.strategy)
    _check_mode(strategy, settings.mode)
    sees = _takes_paths(settings) and strategy.asks_writer
    if settings.embedder:
        open_embedder(settings.embedder).close()  # what is wrong with it is told before all else
    model = (
        open_llm(settings.llm, device=settings.device, trace_dir=settings.trace_dir)
        if own is None
        else BorrowedModel(own)
    )
    if model is None and strategy.asks_writer and strategy.name != DEFAULT:
        raise UsageError(
            f"--strategy {strategy.name} needs a language model that writes programs.",
            hint="Name one with --llm openai:MODEL.",
        )
    return AnswerPlan(settings, strategy, model, sees)


def _takes_paths(settings: Settings) -> bool:
    """Whether the VLM has a say; otherwise programs alone answer.

    Raises:
        MissingError: a fast answer is asked for and no VLM is named.
    """
    if settings.mode == "fast" and not settings.vlm:
        raise fast.no_vlm("no --vlm is named")
    return settings.mode == "fast" or (settings.mode == "auto" and bool(settings.vlm))


def _check_mode(strategy: Strategy, mode: str) -> None:
    """Refuse a mode that would leave out the strategy, or that it would leave out.

    Raises:
        UsageError: it would.
    """
    if mode == "fast" and strategy.asks_writer and strategy.name != DEFAULT:
        raise UsageError(
            f"--strategy {strategy.name} writes programs, and --fast asks for none.",
            hint=f"Leave --fast out, or take --strategy {fast.PATH}.",
        )
    if mode == "slow" and not strategy.asks_writer:
        raise UsageError(
            f"--strategy {strategy.name} asks the VLM; --slow is programs only.",
            hint="Leave --slow out (--auto), or take another strategy.",
        )


def _result(workspace: Workspace, outcome: PathOutcome) -> Result:
    if outcome.attempt is None:
        assert outcome.error is not None
        if isinstance(outcome.error, AbstainedError):
            return workspace.run.abstained(outcome.error, path=outcome.path)
        return workspace.run.failed(outcome.error, path=outcome.path)
    return workspace.result(outcome.attempt, path=outcome.path, reading=outcome.reading)


@dataclass(frozen=True)
class PathOutcome:
    """What one path came to: an attempt, or the error that ended it."""

    path: str
    attempt: Attempt | None = None
    error: VprogError | None = None
    reading: str = ""

    @property
    def is_answered(self) -> bool:
        return self.attempt is not None and self.attempt.is_answered

    @property
    def score(self) -> float:
        """Of its answer; 0 where there is none or it has none."""
        if self.attempt is None or not self.attempt.is_answered:
            return 0.0
        return self.attempt.outcome.score or 0.0

    def why(self) -> str:
        """Why it gave no answer."""
        if self.error is not None:
            return self.error.message
        assert self.attempt is not None
        outcome = self.attempt.outcome
        if outcome.reason:
            return f"abstained: {outcome.reason}"
        return outcome.error.message if outcome.error is not None else outcome.status


def _fast_then_slow(
    workspace: Workspace, slow: Callable[[], PathOutcome], *, threshold: float, floor: float
) -> PathOutcome:
    """The outcome that the result is made from.

    Args:
        workspace: in which the fast answer is attempted.
        slow: the path of programs.
        threshold: the fast answer stands from this score on.
        floor: below it the fast answer is no answer.

    Raises:
        MissingError: no VLM is named, or it cannot be loaded.
        AbstainedError: programs gave no answer, and the fast one is below the floor.

    Source: FS-VisPR (2025): fast, slow below a threshold, fast again where a program fails.
    """
    outcomes: list[PathOutcome] = []

    def take(path: Callable[[], PathOutcome]) -> PathOutcome:
        outcomes.append(path())
        return outcomes[-1]

    last = escalate(
        [lambda: _follow_path(fast.PATH, lambda: fast.look(workspace, fast.FRAMES)), slow],
        take,
        accept=lambda outcome: outcome.is_answered and outcome.score >= threshold,
    )
    quick = outcomes[0]
    if last.is_answered or last is quick:
        return last
    if not quick.is_answered:
        return last
    if quick.score < floor:
        raise AbstainedError(
            f"no answer that holds: the programs gave none ({last.why()}), and the fast answer "
            f"scores {quick.score:.2f}, below the floor of {floor:g}.",
            hint="Lower --floor to have it all the same, or name a better --vlm or --llm.",
        )
    workspace.run.recorder.write(
        Warned(text=f"the fast answer stands, for the programs gave none: {last.why()}")
    )
    return quick


def _follow_path(path: str, work: Callable[[], Attempt]) -> PathOutcome:
    """A path walked; a model that fails or a spent budget ends it and not the question."""
    try:
        return PathOutcome(path, work())
    except (LlmError, BudgetError, AbstainedError) as error:
        return PathOutcome(path, error=error)
