"""How a strategy declares itself: one function from a workspace to the attempt that answers.

    @strategy("twice", "two programs, the surer one is kept")
    def solve(workspace: Workspace) -> Attempt:
        \"\"\"The surer of two programs.

        Source: <paper>.
        \"\"\"

A file of this folder that holds one is found by catalog.py; no other file names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vprog.runs.attempt import Attempt
from vprog.runs.workspace import Workspace

Needs = Literal["llm", "vlm"]
"""Who answers: a language model that writes programs, or a VLM that is shown frames."""


@dataclass(frozen=True)
class Strategy:
    """A way to answer. Called with a workspace, it gives the attempt the result is made from."""

    name: str
    summary: str
    """One line of at most 60 characters."""
    solve: Callable[[Workspace], Attempt]
    needs: Needs = "llm"

    @property
    def asks_writer(self) -> bool:
        """Whether it needs a language model that writes programs."""
        return self.needs == "llm"

    def __call__(self, workspace: Workspace) -> Attempt:
        return self.solve(workspace)


def strategy(
    name: str, summary: str, *, needs: Needs = "llm"
) -> Callable[[Callable[[Workspace], Attempt]], Strategy]:
    """Declare a function to be the strategy of a name, for `--strategy NAME`."""

    def declare(solve: Callable[[Workspace], Attempt]) -> Strategy:
        return Strategy(name, summary, solve, needs)

    return declare
