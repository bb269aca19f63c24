"""`program`: one whole program, repaired from what gate, types and run say of it."""

from __future__ import annotations

from vprog.runs.attempt import Attempt
from vprog.runs.model_requests import write_whole
from vprog.runs.workspace import Workspace
from vprog.strategies.strategy import strategy


@strategy("program", "one whole program, repaired until it runs")
def solve(workspace: Workspace) -> Attempt:
    """The program's last attempt.

    Source: program repair as in VURF (2024): messages go back, at most k rounds.
    """
    return write_whole(workspace)
