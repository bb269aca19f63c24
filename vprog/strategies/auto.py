"""Fast, then slow: programs where the model that looks is not sure of its answer.

Three ways out: the fast answer at or above the threshold; else what programs say; else, where
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
class Way:
    """What one path came to: a try, or the error that ended it."""

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


def solve(workspace: Workspace, slow: Callable[[], Way], *, threshold: float, floor: float) -> Way:
    """The way that the result is made from.

    Args:
        search: what the fast answer is tried in.
        slow: the way of programs.
        threshold: the fast answer stands from this score on.
        floor: below it the fast answer is no answer.

    Raises:
        MissingError: no model that looks is named, or it cannot be loaded.
        AbstainedError: programs gave no answer, and the fast one is below the floor.

    Source: FS-VisPR (2025): fast, slow below a threshold, fast again where a program fails.
    """
    ways: list[Way] = []

    def take(way: Callable[[], Way]) -> Way:
        ways.append(way())
        return ways[-1]

    made = escalate(
        [lambda: try_way(fast.PATH, lambda: fast.look(workspace, fast.FRAMES)), slow],
        take,
        accept=lambda way: way.is_answered and way.score >= threshold,
    )
    quick = ways[0]
    if made.is_answered or made is quick:
        return made
    if not quick.is_answered:
        return made
    if quick.score < floor:
        raise AbstainedError(
            f"no answer that holds: the programs gave none ({made.why()}), and the fast answer "
            f"scores {quick.score:.2f}, below the floor of {floor:g}.",
            hint="Lower --floor to have it all the same, or name a better --vlm or --llm.",
        )
    workspace.run.recorder.write(
        Warned(text=f"the fast answer stands, for the programs gave none: {made.why()}")
    )
    return quick


def try_way(path: str, work: Callable[[], Attempt]) -> Way:
    """A path walked; a model that fails or a spent budget ends it and not the question."""
    try:
        return Way(path, work())
    except (LlmError, BudgetError, AbstainedError) as error:
        return Way(path, error=error)
