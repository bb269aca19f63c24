"""`vote`: several programs at once; their answers are counted by the weight of evidence."""

from __future__ import annotations

from functools import partial

from vprog.runs.attempt import Attempt, best_of
from vprog.runs.combinators import fallback, gather
from vprog.runs.model_requests import programs_in, write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy

TEMPERATURE = 0.8
"""At which samples differ and still run; ours."""


@strategy("vote", "several programs, voted by evidence")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight; where no sample ends, one program with repairs.

    Source: self-consistency (Wang et al., 2023), weighted by evidence as in Open-o3 Video.
    """
    found = fallback(lambda: _voted(workspace), lambda: write_whole(workspace), accept=_is_ended)
    assert found is not None
    return found


def _voted(workspace: Workspace) -> Attempt | None:
    made = sampled_programs(workspace, workspace.settings.samples, "write programs to vote")
    return workspace.vote(made) or best_of(made)


def sampled_programs(workspace: Workspace, count: int, purpose: str) -> list[Attempt]:
    """What several programs of one request came to; where the budget ends, those before.

    The same program written twice is run once, and stands there twice.
    """
    reply = workspace.writer.ask(
        workspace.writer.prompt.messages, purpose, temperature=TEMPERATURE, n=count
    )
    ways = [partial(workspace.run_whole, program) for program in programs_in(workspace, reply)]
    return gather(ways, enough=lambda _: False)


def _is_ended(attempt: Attempt | None) -> bool:
    return attempt is not None and attempt.is_ended
