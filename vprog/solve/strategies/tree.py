"""`tree`: Monte-Carlo tree search over cells; the answers of several leaves are voted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vprog.errors import AbstainedError, LlmReplyError
from vprog.plan.cells import LAST, NEXT, cell_messages, same_cell
from vprog.plan.tree import Shape, Step, Tree
from vprog.solve.attempt import Attempt, best_of
from vprog.solve.combinators import News, tree
from vprog.solve.search import Search
from vprog.solve.writing import AGAIN, write_cell
from vprog.trace.event import NodeValued
from vprog.trace.recorder import at_node

MAX_CHILDREN = 4
MAX_DEPTH = 6
WIDENING = (1.5, 0.5)
RETRIES = 1

T = TypeVar("T")
R = TypeVar("R")


def solve(search: Search) -> Attempt:
    """The answer with the most weight among the leaves.

    A node is a cell run on its parent's dump. Its siblings' cells are shown to the writer,
    who must do something else; a cell that comes again is not run again. Failures are
    worth 0. It ends after `answers` leaves, earlier if two that agree are each worth
    `accept`, or when the budget is spent.

    Raises:
        AbstainedError: no try ended.
        BudgetError, LlmError: likewise, because nothing more could be had.

    Source: DoraemonGPT (2024) for siblings and votes; its rewards have the sign of a
    failure wrong and no visits are counted: this is UCT (Kocsis and Szepesvári, 2006).
    """
    shape = Shape(
        max_children=MAX_CHILDREN,
        max_depth=MAX_DEPTH,
        max_nodes=search.options.nodes,
        widening=WIDENING,
        retries=RETRIES,
    )
    grown = Tree(shape, seed=search.options.seed)
    growth = _Growth(search, grown)
    try:
        spent = tree(grown, growth.expand, width=search.options.width, enough=growth.is_enough)
    finally:
        growth.write_values()
    found = search.vote(growth.leaves) or best_of(search.attempts)
    if spent is not None and (found is None or not found.is_ended):
        raise spent
    if found is None:
        raise AbstainedError(
            f"none of {len(search.attempts)} cells led to an answer.",
            hint="Raise --max-llm-calls, or take another model.",
        )
    return found


class _Growth:
    """The tries that stand for the nodes of a tree."""

    def __init__(self, search: Search, grown: Tree) -> None:
        self._search = search
        self._tree = grown
        self._attempts: dict[int, Attempt] = {0: search.start}
        """By the tree's node."""

    @property
    def leaves(self) -> list[Attempt]:
        """The answers, also those of a round that the budget cut."""
        return [each for each in self._search.attempts if each.is_answered]

    def is_enough(self) -> bool:
        """Whether another leaf would hardly change the vote."""
        options = self._search.options
        sure = [each for each in self.leaves if each.reward.value >= options.accept]
        said = [each.given.value for each in sure if each.given is not None]
        return len(self.leaves) >= options.answers or len(said) > len(set(map(str, said)))

    def expand(self, steps: list[Step]) -> list[News]:
        """Write and run one cell for each step; those of one round run side by side."""
        written = self._each(self._write, steps)
        taken: dict[int, list[str]] = {}
        cells: list[str | LlmReplyError | None] = []
        for step, cell in zip(steps, written, strict=True):
            if isinstance(cell, str):
                others = taken.setdefault(step.at, [])
                if any(same_cell(cell, other) for other in others):
                    cell = None  # a sibling of the same round wrote it too
                else:
                    others.append(cell)
            cells.append(cell)
        made = self._each(self._run, list(zip(steps, cells, strict=True)))
        first = len(self._tree.nodes)
        news: list[News] = []
        for attempt in made:
            if attempt is None:
                news.append(("exhausted", 0.0))
                continue
            self._attempts[first] = attempt  # the tree gives its nodes in the order told
            first += 1
            news.append(_news(attempt))
        return news

    def write_values(self) -> None:
        """Keep what the tree thinks of each node in the trace."""
        for node, attempt in self._attempts.items():
            if not node or node >= len(self._tree.nodes):
                continue
            each = self._tree.nodes[node]
            with at_node(attempt.node):
                self._search.asked.recorder.write(
                    NodeValued(
                        parent=attempt.parent, visits=each.visits, value=round(each.value, 6)
                    )
                )

    def _siblings(self, step: Step) -> list[Attempt]:
        children = self._tree.nodes[step.at].children
        return [self._attempts[each] for each in children]

    def _write(self, step: Step) -> str | LlmReplyError | None:
        """A cell that differs from its siblings; None if the model has no other."""
        parent = self._attempts[step.at]
        siblings = self._siblings(step)
        is_last = self._tree.nodes[step.at].depth == MAX_DEPTH - 1
        messages = cell_messages(
            self._search.prompt.messages,
            parent.shown,
            tried=[each.tried() for each in siblings],
            order=LAST if is_last else NEXT,
        )
        for temperature in (AGAIN, 1.0) if siblings else (0.0,):
            try:
                cell = write_cell(self._search, messages, "write a cell", temperature=temperature)
            except LlmReplyError as error:
                return error
            if not any(same_cell(cell, each.cells[-1]) for each in siblings):
                return cell
        return None

    def _run(self, job: tuple[Step, str | LlmReplyError | None]) -> Attempt | None:
        step, cell = job
        parent = self._attempts[step.at]
        if cell is None:
            return None
        if isinstance(cell, LlmReplyError):
            return self._search.refuse(parent, cell)
        return self._search.run(parent, cell)

    def _each(self, work: Callable[[T], R], jobs: Sequence[T]) -> list[R]:
        if len(jobs) == 1:
            return [work(jobs[0])]
        with ThreadPoolExecutor(len(jobs)) as threads:
            try:
                return list(threads.map(work, jobs))
            except KeyboardInterrupt:
                self._search.model.cancel()  # or leaving would wait for its replies
                raise


def _news(attempt: Attempt) -> News:
    """What a tree is told of a try. An abstention ends its path and is worth nothing."""
    if attempt.state is not None:
        return "continues", 0.0
    if attempt.is_ended:
        return "ended", attempt.reward.value
    return "failed", 0.0
