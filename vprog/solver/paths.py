"""Which path a question takes where a model that looks is named: fast, slow, or one after other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vprog.config import Settings
from vprog.errors import AbstainedError, VprogError
from vprog.llm.client import Capability, LanguageModel, LlmReply, Request
from vprog.rules.interpretation import Unanswerable
from vprog.rules.rule_writer import write
from vprog.runs.attempt import Attempt
from vprog.runs.result import Result
from vprog.runs.run import Run
from vprog.runs.workspace import Options, Workspace
from vprog.strategies import auto, fast
from vprog.strategies.auto import Way, try_way

RULES = "rules"
SLOW = "slow"


def takes_paths(settings: Settings) -> bool:
    """Whether the model that looks has a say; otherwise programs alone answer.

    Raises:
        MissingError: a fast answer is asked for and no model that looks is named.
    """
    if settings.mode == "fast" and not settings.vlm:
        raise fast.no_vlm("no --vlm is named")
    return settings.mode == "fast" or (settings.mode == "auto" and bool(settings.vlm))


def solve_by_paths(
    run: Run,
    model: LanguageModel | None,
    settings: Settings,
    write_slow: Callable[[Workspace], Attempt],
) -> Result:
    """Answer a question by the fast path, the slow one, or both.

    Args:
        asked: the question.
        model: what writes programs; None for the rules.
        settings: mode, threshold and floor; a calibrated threshold stands in for the
            default one.
        write_slow: the strategy by which the model writes.
    """
    workspace = Workspace(run, model if model is not None else RuleWriter(), Options.of(settings))
    try:
        if settings.mode == "fast":
            way = _fast(workspace)
        else:
            threshold = run.grader.threshold(settings)
            way = auto.solve(
                workspace,
                lambda: _slow(workspace, model, write_slow),
                threshold=threshold,
                floor=settings.floor,
            )
            if way.path == fast.PATH and way.is_answered and way.score >= threshold:
                _tell_left_out(run, settings.strategy)
    except AbstainedError as error:
        return run.abstained(error, path=_last_path(settings, model))
    except VprogError as error:
        return workspace.ended_by(error)
    finally:
        workspace.close()
    return _result(workspace, way)


class RuleWriter:
    """Stands where a language model would; the rules write, and are asked elsewhere."""

    name = RULES
    capabilities: frozenset[Capability] = frozenset()

    def complete(self, request: Request) -> LlmReply:
        """There is nothing to ask."""
        raise AssertionError("the rules are no language model")

    def cancel(self) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to let go of."""


def _tell_left_out(run: Run, strategy: str) -> None:
    """Say that the fast answer left no work to the strategy, if one was named."""
    if strategy != Settings.strategy:
        run.broker.warn(
            f"the fast answer stands, and --strategy {strategy} was not needed: --slow takes it "
            "alone"
        )


def _fast(workspace: Workspace) -> Way:
    return Way(
        fast.PATH, fast.hold_floor(workspace, fast.solve(workspace), hint="leave --fast out")
    )


def _slow(
    workspace: Workspace, model: LanguageModel | None, write_slow: Callable[[Workspace], Attempt]
) -> Way:
    if model is not None:
        return try_way(SLOW, lambda: write_slow(workspace))
    run = workspace.run
    written = write(run.text, run.choices, run.media.videos, set(run.runtime.modules))
    if isinstance(written, Unanswerable):
        return Way(RULES, error=AbstainedError(written.reason, hint=written.command))
    way = try_way(RULES, lambda: workspace.run_whole(written.program, note=written.reading))
    return replace(way, reading=written.reading)


def _result(workspace: Workspace, way: Way) -> Result:
    if way.attempt is None:
        assert way.error is not None
        if isinstance(way.error, AbstainedError):
            return workspace.run.abstained(way.error, path=way.path)
        return workspace.run.failed(way.error, path=way.path)
    return workspace.result(way.attempt, path=way.path, reading=way.reading)


def _last_path(settings: Settings, model: LanguageModel | None) -> str:
    if settings.mode == "fast":
        return fast.PATH
    return SLOW if model is not None else RULES
