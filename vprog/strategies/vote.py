"""`vote`: several programs at once; their answers are counted by the weight of evidence."""

from __future__ import annotations

from functools import partial

from vprog.runs.attempt import Attempt, best_of
from vprog.runs.attempts import Search
from vprog.runs.combinators import fallback, gather
from vprog.runs.model_requests import programs_in, write_whole

TEMPERATURE = 0.8


def solve(search: Search) -> Attempt:
    """The answer with the most weight; where no sample ends, one program with repairs.

    Source: self-consistency (Wang et al., 2023), weighted by evidence as in Open-o3 Video.
    """
    found = fallback(lambda: _voted(search), lambda: write_whole(search), accept=_is_ended)
    assert found is not None
    return found


def _voted(search: Search) -> Attempt | None:
    reply = search.ask(
        search.prompt.messages,
        "write programs to vote",
        temperature=TEMPERATURE,
        n=search.options.samples,
    )
    # The same program written twice is run once, and has two votes.
    ways = [partial(search.run_whole, program) for program in programs_in(search, reply)]
    made = gather(ways, enough=lambda _: False)
    return search.vote(made) or best_of(made)


def _is_ended(attempt: Attempt | None) -> bool:
    return attempt is not None and attempt.is_ended
