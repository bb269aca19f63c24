"""`memory_tree`: the tables of `memory`, and a tree search over the queries to them."""

from __future__ import annotations

from functools import partial

from vprog.prompt.cell_prompt import LAST
from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace
from vprog.strategies.browse import check_turn
from vprog.strategies.memory import RECALL, TURN, described, gather, plan_things
from vprog.strategies.strategy import strategy
from vprog.strategies.tree import CellSearch, search

ANSWERS = 3
"""Leaves after which it votes. Source: DoraemonGPT (2024)."""

ROLLOUTS = 7
"""Attempts after which it ends, whatever came of them. Source: DoraemonGPT (2024)."""


@strategy("memory_tree", "tables of space and time, a tree search over queries")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight among those that different queries led to.

    The memory is gathered once, as `memory` does; every roll-out goes on from it. A cell is a query
    or an answer from the rows of one; after the same cells the writer is shown what was asked and
    what came of it, and must ask otherwise. It ends as `tree` does, after 3 answers or 7 attempts.

    Raises:
        AbstainedError: nothing was found to remember, or no attempt ended.
        BudgetError, LlmError: likewise, because nothing more could be had.

    Source: DoraemonGPT (2024): memory in SQL, tools that query it, and a planner that searches:
    siblings are shown and must differ, to 3 answers or 7 attempts, then a vote. Its next node is
    drawn by a softmax of rewards, among which a failure earns what a success does; here it is UCT,
    and a failure is worth 0.
    """
    memory = gather(workspace, plan_things(workspace))
    told = described(memory.tables)
    return search(
        workspace,
        CellSearch(
            memory.at,
            answers=min(ANSWERS, workspace.settings.answers),
            order=f"{told}\n\n{TURN}",
            last=f"{told}\n\n{LAST}",
            rollouts=ROLLOUTS,
            check=partial(
                check_turn, tools=(RECALL,), modules=frozenset(workspace.run.runtime.modules)
            ),
        ),
    )
