"""`varied_tree`: a tree search; each answer votes with the numbers that make it surest."""

from __future__ import annotations

from functools import partial

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import best
from vprog.runs.workspace import Workspace
from vprog.strategies.params import with_variants
from vprog.strategies.strategy import strategy
from vprog.strategies.tree import CellSearch, search

ANSWERS = 3
"""Leaves after which it votes: two that agree outweigh the third; ours."""


@strategy("varied_tree", "tree search; each leaf with its surest numbers votes")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight among the leaves, each as its surest variant gives it.

    The tree is that of `tree`. Every leaf's program is run again with other values for its modules,
    as `params` does: that asks no model, and variants share the cache. The surest variant of each
    leaf votes in its place.

    Raises:
        As `tree`.

    Source: DoraemonGPT (2024) for the tree, FS-VisPR (2025) for the search over parameters; to
    vote by the surest variants is ours.
    """
    return search(
        workspace,
        CellSearch(
            workspace.start,
            answers=min(ANSWERS, workspace.settings.answers),
            voter=partial(_surest, workspace),
        ),
    )


def _surest(workspace: Workspace, leaf: Attempt) -> Attempt:
    variants = with_variants(workspace, leaf)
    if len(variants) > 1:
        workspace.run.warnings.add(
            f"an answer votes as the surest of {len(variants)}, by variants of one program"
        )
    return best(variants, score=lambda attempt: attempt.reward.value)
