"""`examples`: a program from the nearest solved questions; others while its answer is weak."""

from __future__ import annotations

from collections.abc import Callable

from vprog.errors import LlmReplyError
from vprog.prompt.solved_examples import Example, nearest_examples
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import gather
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import ROOT, Workspace
from vprog.strategies.strategy import strategy

SHOTS = 2
ROUNDS = 4
"""Examples of a round, and rounds. Source: VideoICL (2024)."""

ENOUGH = 0.5
"""Reward in [0, 1] above which a program is not written again; ours."""


@strategy("examples", "other solved examples while the answer is weak")
def solve(workspace: Workspace) -> Attempt:
    """The first answer worth more than 0.5; else the best of the rounds.

    Source: VideoICL (2024): two examples a round, at most four rounds. Its code passes the
    same two examples in every round; here the window moves on.
    """
    made = gather(
        [_written(workspace, window) for window in windows(workspace)],
        enough=lambda attempts: attempts[-1].reward.value > ENOUGH,
    )
    return best_of(made) or made[-1]


def windows(workspace: Workspace) -> list[tuple[Example, ...]]:
    """The examples round by round, nearest first; within a round the nearest stands last."""
    ranked = nearest_examples(
        workspace.run.text,
        workspace.run.choices,
        set(workspace.run.runtime.modules),
        count=SHOTS * ROUNDS,
        rank=workspace.writer.similarity.rank,
    )[::-1]
    found = [ranked[at : at + SHOTS][::-1] for at in range(0, len(ranked), SHOTS)]
    return found or [()]


def _written(workspace: Workspace, window: tuple[Example, ...]) -> Callable[[], Attempt]:
    def write() -> Attempt:
        prompt = workspace.writer.prompt_with(examples=window)
        try:
            return write_whole(workspace, prompt.messages, purpose="write a program from examples")
        except LlmReplyError as error:
            return workspace.refuse(ROOT, error)

    return write
