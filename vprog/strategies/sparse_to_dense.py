"""`sparse_to_dense`: more frames until several samples of the VLM agree."""

from __future__ import annotations

from dataclasses import dataclass

from vprog.errors import AbstainedError
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import escalate
from vprog.runs.votes import agree
from vprog.runs.workspace import Workspace
from vprog.strategies.fast import PATH, need_vlm, sampled_looks
from vprog.strategies.strategy import strategy

LEVELS = (32, 64, 128)
SAMPLES = 5
"""Frames of each level, and replies of the VLM at one. Source: Video-RTS (2025)."""


@dataclass(frozen=True)
class _Level:
    samples: list[Attempt]

    @property
    def is_unanimous(self) -> bool:
        """Every sample answered, and all the same."""
        given = [sample.answer for sample in self.samples]
        first = given[0]
        return first is not None and all(
            answer is not None and agree(first.value, answer.value) for answer in given
        )

    @property
    def is_answered(self) -> bool:
        """Some sample answered."""
        return any(sample.is_answered for sample in self.samples)

    @property
    def is_cut(self) -> bool:
        """The budget ended before the samples did."""
        return len(self.samples) < SAMPLES or self.samples[-1].outcome.status == "limit"


@strategy("sparse_to_dense", "more frames until several samples of a VLM agree", needs="vlm")
def solve(workspace: Workspace) -> Attempt:
    """The answer on which the samples agree; at the last level that of most of them.

    The samples of a level are asked for together, and each weighs what its score says. Where the
    budget ends in the middle of a level, the answers there are count. A video with no more
    frames than a level has no further level.

    Raises:
        MissingError: no VLM is named.
        AbstainedError: no sample gave an answer.

    Source: Video-RTS (2025): 32, 64, 128 frames, 5 samples each, temperature 0.8 + 0.15 i.
    """
    need_vlm(workspace)
    workspace.path = PATH
    levels: list[_Level] = []

    def sample(count: int) -> _Level:
        levels.append(_Level(sampled_looks(workspace, count, SAMPLES)))
        return levels[-1]

    last = escalate(
        levels_for(max(video.n_frames for video in workspace.run.media.videos)),
        sample,
        accept=lambda level: level.is_unanimous or level.is_cut,
    )
    # What a spent budget leaves of the last level may be nothing.
    told = next((level for level in reversed(levels) if level.is_answered), last)
    found = workspace.vote(told.samples) or best_of(last.samples)
    if found is None:
        raise AbstainedError("no sample of the VLM came to an end.")
    return found


def levels_for(n_frames: int) -> tuple[int, ...]:
    """The levels that show a video of so many frames anything new."""
    useful = [level for at, level in enumerate(LEVELS) if at == 0 or n_frames > LEVELS[at - 1]]
    return tuple(useful)
