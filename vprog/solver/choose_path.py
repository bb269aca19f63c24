"""How a question is answered where a model has a part: which models, which strategy, which path.

Fast, then slow: the fast answer stands from the threshold on; else programs are asked too, and
of two answers the one with the better score stands, if it is not below the floor. A strategy that
is named is taken alone.

Apart from engine.py because strategies and clients take time to import: a question that the
rules answer alone never pays for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vprog.errors import AbstainedError, BudgetError, LlmError, UsageError, VprogError
from vprog.llm.embedding import open_embedder
from vprog.llm.language_model import LanguageModel, excerpt
from vprog.llm.llm_spec import open_llm
from vprog.runs.attempt import Attempt
from vprog.runs.result import Result
from vprog.runs.run import RULES, Run
from vprog.runs.votes import agree
from vprog.runs.workspace import Workspace
from vprog.settings import Settings
from vprog.solver.own_model import BorrowedModel
from vprog.solver.without_models import write_by_rules
from vprog.strategies import fast
from vprog.strategies.catalog import DEFAULT, find_strategy, solve_by
from vprog.strategies.strategy import Strategy

SLOW = "slow"


@dataclass(frozen=True)
class AnswerPlan:
    """How a question is answered with models; made before any file is opened.

    `sees` says whether the fast path has a say: not where a strategy was named.
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
        except AbstainedError as error:
            return run.abstained(error, path=self._last_path())
        except VprogError as error:
            return workspace.ended_by(error)
        finally:
            workspace.close()
        return _result(workspace, outcome)

    def _slow(self, workspace: Workspace) -> PathOutcome:
        if self.model is not None:
            return _follow_path(SLOW, workspace, lambda: self.strategy.solve(workspace))
        try:
            written = write_by_rules(workspace.run)
        except AbstainedError as error:
            return PathOutcome(RULES, error=error)
        outcome = _follow_path(
            RULES, workspace, lambda: workspace.run_whole(written.program, note=written.reading)
        )
        return replace(outcome, reading=written.reading)

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
    sees = _takes_paths(settings, strategy)
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


def _takes_paths(settings: Settings, strategy: Strategy) -> bool:
    """Whether a fast look has a say, beside programs or alone.

    Raises:
        MissingError: a fast answer is asked for and no VLM is named.
    """
    if settings.mode == "fast" and not settings.vlm:
        raise fast.no_vlm("no --vlm is named")
    if not strategy.asks_writer:
        return False
    is_named = strategy.name != DEFAULT or "strategy" in settings.sources
    return settings.mode == "fast" or (
        settings.mode == "auto" and bool(settings.vlm) and not is_named
    )


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
    score: float | None = None
    """Of its answer; None where there is none, or nothing says how sure it is."""
    reading: str = ""

    @property
    def is_answered(self) -> bool:
        return self.attempt is not None and self.attempt.is_answered

    def said(self) -> str:
        """Its answer and score, for messages."""
        assert self.attempt is not None
        score = "no score" if self.score is None else f"{self.score:.2f}"
        return f"{excerpt(str(self.attempt.outcome.value), 60)!r} ({score})"

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
        floor: below it no answer is one.

    Raises:
        MissingError: no VLM is named, or it cannot be loaded.
        AbstainedError: the best answer that there is lies below the floor.

    Source: FS-VisPR (2025): fast, slow below a threshold, fast again where a program fails.
    """
    programs: PathOutcome | None = None
    if fast.is_heard(workspace.run.text):  # frames show nothing of it
        programs = slow()
        if programs.is_answered and (programs.score is None or programs.score >= floor):
            return programs
    quick = _follow_path(fast.PATH, workspace, lambda: fast.look(workspace, fast.FRAMES))
    look = quick.score or 0.0
    if quick.is_answered and look >= threshold:
        return quick
    if programs is None:
        workspace.writer.first_look = fast.first_look(quick.attempt)
        programs = slow()
    if not quick.is_answered and not programs.is_answered:
        return programs
    # Without a score are programs that rest on facts and measurements alone.
    is_surer = programs.is_answered and (programs.score is None or programs.score >= look)
    best = programs if is_surer else quick
    if best.score is not None and best.score < floor:
        raise AbstainedError(_why_none(quick, programs, floor), hint=_FLOOR_HINT)
    if not programs.is_answered:
        why = programs.why()
        workspace.run.warnings.add(f"the fast answer stands, for the programs gave none: {why}")
    elif quick.is_answered and not _agree(quick, programs):
        workspace.run.warnings.add(
            f"two answers: the fast look says {quick.said()}, programs say {programs.said()}; "
            "the one with the better score stands"
        )
    return best


_FLOOR_HINT = "Lower --floor to have it all the same, or name a better --vlm or --llm."


def _why_none(quick: PathOutcome, programs: PathOutcome, floor: float) -> str:
    """Why no answer stands, though there is one."""
    ways = (("the fast answer", quick), ("that of programs", programs))
    told = [
        f"{way} scores {outcome.score or 0.0:.2f}"
        if outcome.is_answered
        else f"{way} is missing ({outcome.why()})"
        for way, outcome in ways
    ]
    return f"no answer that holds, for the floor is {floor:g}: {' and '.join(told)}."


def _agree(one: PathOutcome, other: PathOutcome) -> bool:
    assert one.attempt is not None
    assert other.attempt is not None
    values = [one.attempt.outcome.value, other.attempt.outcome.value]
    if any(isinstance(value, int | float) for value in values):  # "21" on a sign is 21
        values = [_number(value) for value in values]
    return agree(*values)


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _follow_path(path: str, workspace: Workspace, work: Callable[[], Attempt]) -> PathOutcome:
    """A path walked; a model that fails or a spent budget ends it and not the question."""
    try:
        attempt = work()
    except (LlmError, BudgetError, AbstainedError) as error:
        return PathOutcome(path, error=error)
    score = workspace.score(attempt, path).value if attempt.is_answered else None
    return PathOutcome(path, attempt, score=score)
