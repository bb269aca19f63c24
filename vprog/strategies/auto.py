"""Fast, then slow: programs where the VLM is not sure of its answer.

Three outcomes: the fast answer at or above the threshold; else what programs say; else, where
these fail or abstain, the fast answer again, if it is not below the floor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vprog.errors import AbstainedError, BudgetError, LlmError, VprogError
from vprog.runs.attempt import Attempt
from vprog.runs.combinators import escalate
from vprog.runs.workspace import Workspace
from vprog.strategies import fast
from vprog.trace.event import Warned


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


def solve(
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
        [lambda: follow_path(fast.PATH, lambda: fast.look(workspace, fast.FRAMES)), slow],
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


def follow_path(path: str, work: Callable[[], Attempt]) -> PathOutcome:
    """A path walked; a model that fails or a spent budget ends it and not the question."""
    try:
        return PathOutcome(path, work())
    except (LlmError, BudgetError, AbstainedError) as error:
        return PathOutcome(path, error=error)
