"""`route`: the question's class decides how much work it gets.

Where `vprog calibrate --routes` has measured strategies on such questions, the cheapest of those
that are no worse than the best is taken; else the one that TABLE has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import route
from vprog.runs.route_table import load_routes
from vprog.runs.workspace import Workspace
from vprog.strategies import observe, program, tree, vote
from vprog.strategies.catalog import strategies
from vprog.strategies.strategy import strategy

QuestionClass = Literal["lookup", "count", "order", "reason"]
"""lookup: one look at one place. count: over the whole video. order: several moments set
against each other. reason: what was seen must be put together."""

_WORDS: tuple[tuple[QuestionClass, str], ...] = (
    ("reason", r"why|reason|because|explain|purpose|how (?:did|does|do|can|could)|intend\w*"),
    ("count", r"how (?:many|often)|number of|count|how much"),
    ("order", r"before|after|while|during|order|sequence|then|next|(?:first|last)\b.*\b(?:or|and)"),
)

TABLE: dict[QuestionClass, Callable[[Workspace], Attempt]] = {
    "count": vote.solve,
    "order": tree.solve,
    "reason": observe.solve,
}
"""Without a measured table; a lookup is one program."""

NAME = "route"


@strategy(NAME, "the question's kind picks one of the others")
def solve(workspace: Workspace) -> Attempt:
    """What the strategy gives that the class of the question is routed to.

    Raises:
        ConfigError: the measured table is damaged, of other models, or names what is gone.

    Source: ViCor (2023), SAGE (2025): classify, then route. The class is read from words.
    """
    run = workspace.run
    kind = class_of(run.text)
    known = strategies()
    measured = load_routes(run.settings, llm=workspace.writer.name, strategies=known)
    picked = None
    if measured is not None:
        picked = measured.pick(kind, max_llm_calls=run.budget.llm_calls_left)
    if picked is not None and picked.strategy != NAME:
        run.warnings.add(
            f"routed as a question of the kind {kind!r} to {picked.strategy}: {picked.n_right} of "
            f"{picked.n_cases} right, {picked.llm_calls:g} requests, {picked.frames:g} frames"
        )
        return known[picked.strategy].solve(workspace)
    run.warnings.add(f"routed as a question of the kind {kind!r}")
    table = {name: partial(way, workspace) for name, way in TABLE.items()}
    return route(kind, table, default=partial(program.solve, workspace))


def class_of(question: str) -> QuestionClass:
    """The class of a question; what no word tells is a lookup."""
    text = question.lower()
    for name, words in _WORDS:
        if re.search(rf"\b(?:{words})\b", text):
            return name
    return "lookup"
