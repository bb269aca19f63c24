"""Small ways to put attempts together; every strategy is a few lines of these.

They know nothing of models, cells or traces: what they call does. A budget that ends, or a
model that fails, is an exception there and goes through, but for the loops that hold
something worth keeping: these stop and give what they have (`until`, `gather`, `refine`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from vprog.errors import BudgetError, LlmError
from vprog.runs.votes import Vote, count_votes

T = TypeVar("T")
S = TypeVar("S")
L = TypeVar("L")
K = TypeVar("K", bound=Hashable)

SPENT = (BudgetError, LlmError)
"""After which no further call can be made."""


def fallback(*paths: Callable[[], T], accept: Callable[[T], bool]) -> T:
    """The outcome of the first path that is accepted; else what the last one gave."""
    return escalate(paths, lambda path: path(), accept=accept)


def escalate(levels: Iterable[L], attempt: Callable[[L], T], *, accept: Callable[[T], bool]) -> T:
    """Try level after level, cheapest first, until one is accepted; else the last one's.

    Raises:
        ValueError: there is no level.
    """
    outcomes: list[T] = []
    for level in levels:
        outcomes = [attempt(level)]
        if accept(outcomes[0]):
            break
    if not outcomes:
        raise ValueError("escalate: there must be at least one level.")
    return outcomes[0]


def until(step: Callable[[S, int], S], state: S, *, stop: Callable[[S], bool], rounds: int) -> S:
    """Go from state to state, at most so many rounds; where nothing more can be had, the last."""
    for number in range(rounds):
        if stop(state):
            break
        try:
            state = step(state, number)
        except SPENT:
            break
    return state


def gather(paths: Iterable[Callable[[], T]], *, enough: Callable[[list[T]], bool]) -> list[T]:
    """What each path gave, until it is enough, or nothing more can be had.

    Raises:
        BudgetError, LlmError: nothing could be had at all.
    """
    outcomes: list[T] = []
    for path in paths:
        try:
            outcomes.append(path())
        except SPENT:
            if not outcomes:
                raise
            break
        if enough(outcomes):
            break
    return outcomes


def best(candidates: Iterable[T], *, score: Callable[[T], float]) -> T:
    """The candidate with the highest score; the first of equals.

    Raises:
        ValueError: there is none.
    """
    return max(candidates, key=score)


def vote(candidates: Sequence[T], *, vote_of: Callable[[T], Vote]) -> list[list[T]]:
    """Candidates by what they answer: the heaviest group first, its best member first.

    A candidate that stands there twice has two votes.
    """
    by_node = {vote_of(candidate).node: candidate for candidate in candidates}
    groups = count_votes([vote_of(candidate) for candidate in candidates])
    return [[by_node[vote.node] for vote in group.votes] for group in groups]


def route(kind: K, table: Mapping[K, Callable[[], T]], *, default: Callable[[], T]) -> T:
    """Go the path that the table has for a kind; else the default one."""
    return table.get(kind, default)()


def refine(
    first: T,
    *,
    criticise: Callable[[T], S | None],
    rewrite: Callable[[T, S], T],
    rounds: int,
) -> list[T]:
    """A candidate and its rewritings, until the critic has nothing to say or rounds are over."""
    versions = [first]
    for _ in range(rounds):
        try:
            criticism = criticise(versions[-1])
            if criticism is None:
                break
            versions.append(rewrite(versions[-1], criticism))
        except SPENT:
            break
    return versions


def first_fit(levels: Iterable[L], *, fits: Callable[[L], bool]) -> L | None:
    """The first level that fits, e.g. the finest text within a budget of tokens; None if none."""
    return next((level for level in levels if fits(level)), None)
