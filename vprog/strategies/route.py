"""`route`: the question's class decides how much work it gets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vprog.runs.attempt import Attempt
from vprog.runs.combinators import route
from vprog.runs.workspace import Workspace
from vprog.strategies import observe, program, tree, vote
from vprog.strategies.route_question import QuestionClass, class_of
from vprog.trace.event import Warned

TABLE: dict[QuestionClass, Callable[[Workspace], Attempt]] = {
    "count": vote.solve,
    "order": tree.solve,
    "reason": observe.solve,
}
"""A lookup is one program."""


def solve(workspace: Workspace) -> Attempt:
    """What the strategy gives that the class of the question is routed to.

    Source: ViCor (2023), SAGE (2025): classify, then route. The class is read from words.
    """
    kind = class_of(workspace.run.text)
    workspace.run.recorder.write(Warned(text=f"routed as a question of the kind {kind!r}"))
    table = {name: partial(way, workspace) for name, way in TABLE.items()}
    return route(kind, table, default=partial(program.solve, workspace))
