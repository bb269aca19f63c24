"""`program`: one whole program, repaired from what gate, types and run say of it."""

from __future__ import annotations

from vprog.runs.attempt import Attempt
from vprog.runs.attempts import Search
from vprog.runs.model_requests import write_whole


def solve(search: Search) -> Attempt:
    """The program's last try.

    Source: program repair as in VURF (2024): messages go back, at most k rounds.
    """
    return write_whole(search)
