"""The strategies by name, and the one way to run any of them to a result."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from vprog.errors import ConfigError, VprogError
from vprog.llm.client import LanguageModel
from vprog.runs.attempt import Attempt
from vprog.runs.result import Result
from vprog.runs.run import Run
from vprog.runs.workspace import Workspace
from vprog.strategies import (
    adjust,
    answer_options,
    browse,
    examples,
    fast,
    magnify,
    observe,
    params,
    program,
    react,
    reason,
    recognise,
    refine,
    refine_examples,
    route,
    sparse_to_dense,
    tree,
    unsure,
    vote,
    zoom,
)

DEFAULT = "program"


@dataclass(frozen=True)
class Strategy:
    """A way to answer; `solve` gives the try that the result is made from."""

    name: str
    summary: str
    solve: Callable[[Workspace], Attempt]
    asks_writer: bool = True
    """Whether it needs a language model that writes programs."""


STRATEGIES: dict[str, Strategy] = {
    each.name: each
    for each in (
        Strategy("program", "one whole program, repaired until it runs", program.solve),
        Strategy("tree", "tree search over cells; leaves vote by evidence", tree.solve),
        Strategy("observe", "look, reflect, look again; then answer", observe.solve),
        Strategy("react", "one module call a turn until the answer shows", react.solve),
        Strategy("vote", "several programs, voted by evidence", vote.solve),
        Strategy("refine", "a critic reads the program and its values", refine.solve),
        Strategy("examples", "other solved examples while the answer is weak", examples.solve),
        Strategy("params", "one program, other numbers for its modules", params.solve),
        Strategy("reason", "all that is said, written and shown, then one answer", reason.solve),
        Strategy("route", "the question's kind picks one of the others", route.solve),
        Strategy("adjust", "a plan, made again after unreliable results", adjust.solve),
        Strategy("options", "find what each option means, then choose", answer_options.solve),
        Strategy("recognise", "each clip in a sentence, then reason", recognise.solve),
        Strategy("browse", "an index; search it, look into it, one tool a turn", browse.solve),
        Strategy("unsure", "answer from what was read; look where unsure", unsure.solve),
        Strategy("refine_examples", "examples rewritten to fit, then one", refine_examples.solve),
        Strategy("fast", "the model that looks answers from 32 frames", fast.solve, False),
        Strategy(
            "sparse_to_dense",
            "more frames until draws of that model agree",
            sparse_to_dense.solve,
            False,
        ),
        Strategy("zoom", "many small frames, then few large ones of a part", zoom.solve, False),
        Strategy("magnify", "small pictures, then one part as filmed", magnify.solve, False),
    )
}


def find_strategy(name: str) -> Strategy:
    """The strategy of a name.

    Raises:
        ConfigError: there is none.
    """
    found = STRATEGIES.get(name)
    if found is None:
        near = difflib.get_close_matches(name.lower(), STRATEGIES, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise ConfigError(
            f'unknown strategy "{name}".{guess}', hint=f"There are: {', '.join(STRATEGIES)}."
        )
    return found


def solve_by(strategy: Strategy, run: Run, model: LanguageModel | None) -> Result:
    """Answer a question by a strategy; what ends it is in the result."""
    workspace = Workspace(run, model)
    try:
        attempt = strategy.solve(workspace)
        if not strategy.asks_writer:
            fast.hold_floor(workspace, attempt, hint="take another strategy")
    except VprogError as error:
        return workspace.ended_by(error)
    finally:
        workspace.close()
    return workspace.result(attempt)
