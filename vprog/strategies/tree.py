"""`tree`: Monte-Carlo tree search over cells; the answers of several leaves are voted."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TypeVar

from vprog.errors import AbstainedError, LlmReplyError, ProgramRejectedError, VprogError
from vprog.program.program import Program
from vprog.prompt.cell_prompt import LAST, NEXT, cell_messages
from vprog.runs.attempt import Attempt, best_of
from vprog.runs.model_requests import AGAIN, write_cell
from vprog.runs.votes import Vote, agree, count_votes
from vprog.runs.workspace import Workspace
from vprog.strategies.mcts import StepNews, Tree, TreeShape, TreeStep, grow
from vprog.strategies.strategy import strategy
from vprog.trace.event import NodeValued
from vprog.trace.recorder import at_node

MAX_CHILDREN = 4
MAX_DEPTH = 6
WIDENING = (1.5, 0.5)
RETRIES = 1
"""As `TreeShape` explains them; ours, the papers give none."""
ROUNDED = 1e-9
"""Weights that are this near are the same: sums of them were rounded."""

T = TypeVar("T")
R = TypeVar("R")
CHECK_S = 0.1
"""Where a wait for a lock cannot be interrupted (Windows), Ctrl-C is seen this often."""

GRACE_S = 0.4
"""What the threads have to come to their end after an interrupt."""


def _anything(_: Program) -> None:
    """Any cell will do."""


@dataclass(frozen=True)
class CellSearch:
    """What is searched for.

    Attributes:
        start: the attempt that the first cells go on from.
        order, last: what is asked for; `last` where no cell may follow.
        answers: leaves after which it ends.
        rollouts: roll-outs after which it ends, whatever came of them; None for any number.
        check: raises ProgramRejectedError where a cell is not of the kind that is asked for.
    """

    start: Attempt
    answers: int
    order: str = NEXT
    last: str = LAST
    rollouts: int | None = None
    check: Callable[[Program], None] = _anything


@dataclass(frozen=True)
class _Job:
    """A step with the cell that was written for it.

    `cell` is an error where the reply held none, and None where the model has no other.
    """

    step: TreeStep
    cell: Program | LlmReplyError | None
    node: int = 0
    """Of the attempt; 0 where there is none."""
    is_double: bool = False
    """Another step of the round wrote the same cell after the same ones."""


@strategy("tree", "tree search over cells; leaves vote by evidence")
def solve(workspace: Workspace) -> Attempt:
    """The answer with the most weight among the leaves.

    A node is a cell run on its parent's dump. Its siblings' cells are shown to the writer,
    who must do something else; a cell that comes again is not run again. Failures are
    worth 0. It ends after `answers` leaves; earlier if two that agree are each worth
    `accept`, or if the leaves that are left would hardly change the vote (`is_decided`); or
    when the budget is spent.

    Raises:
        AbstainedError: no try ended.
        BudgetError, LlmError: likewise, because nothing more could be had.

    Source: DoraemonGPT (2024) for siblings and votes; its rewards have the sign of a
    failure wrong and no visits are counted: this is UCT (Kocsis and Szepesvári, 2006).
    """
    return search(workspace, CellSearch(workspace.start, workspace.settings.answers))


def search(workspace: Workspace, wanted: CellSearch) -> Attempt:
    """As `solve` does, from any attempt on and for any kind of cell.

    Raises:
        As `solve`.
    """
    shape = TreeShape(
        max_children=MAX_CHILDREN,
        max_depth=MAX_DEPTH,
        max_nodes=workspace.settings.nodes,
        widening=WIDENING,
        retries=RETRIES,
    )
    grown = Tree(shape, seed=workspace.settings.seed)
    growth = _Growth(workspace, grown, wanted)
    try:
        spent = grow(grown, growth.expand, width=workspace.settings.width, enough=growth.is_enough)
    finally:
        growth.write_values()
    ran = [attempt for attempt in workspace.attempts if attempt.node not in growth.refused]
    found = workspace.vote(growth.leaves) or best_of(ran)
    if spent is not None and (found is None or not found.is_ended):
        raise spent
    if found is None:
        raise AbstainedError(
            f"none of {len(workspace.attempts)} cells led to an answer.",
            hint="Raise --max-llm-calls, or take another model.",
        )
    return found


class _Growth:
    """The attempts that stand for the nodes of a tree."""

    def __init__(self, workspace: Workspace, grown: Tree, wanted: CellSearch) -> None:
        self._workspace = workspace
        self._tree = grown
        self._wanted = wanted
        self._prompt = workspace.writer.prompt.messages
        self._attempts: dict[int, Attempt] = {0: wanted.start}
        """By the tree's node."""
        self.refused: set[int] = set()
        """By the attempt's node, those of which nothing ran: no cell, or none of the kind asked."""

    @property
    def leaves(self) -> list[Attempt]:
        """The answers, also those of a round that the budget cut."""
        return [attempt for attempt in self._workspace.attempts if attempt.is_answered]

    def is_enough(self) -> bool:
        """Whether another leaf would hardly change the vote, or none may be asked for."""
        leaves = self.leaves
        rollouts = self._wanted.rollouts
        if rollouts is not None and self._tree.root.visits >= rollouts:
            return True
        accept = self._workspace.settings.accept
        said = [leaf.answer.value for leaf in leaves if leaf.answer and leaf.reward.value >= accept]
        if any(agree(one, other) for at, one in enumerate(said) for other in said[:at]):
            return True
        return is_decided(
            [
                Vote(leaf.node, leaf.answer.value, leaf.reward.value)
                for leaf in leaves
                if leaf.answer
            ],
            n_left=self._wanted.answers - len(leaves),
        )

    def expand(self, steps: list[TreeStep]) -> list[StepNews]:
        """Write and run one cell for each step; those of one round run side by side."""
        nth = [sum(one.at == step.at for one in steps[:at]) for at, step in enumerate(steps)]
        written = side_by_side(
            self._write, list(zip(steps, nth, strict=True)), stop=self._workspace.stop
        )
        jobs = self._jobs(steps, written)
        made = side_by_side(self._run, jobs, stop=self._workspace.stop)
        first = len(self._tree.nodes)
        news: list[StepNews] = []
        for job, attempt in zip(jobs, made, strict=True):
            if attempt is None:
                news.append(("dropped" if job.is_double else "exhausted", 0.0))
                continue
            self._attempts[first] = attempt  # the tree gives its nodes in the order told
            first += 1
            news.append(_news(attempt))
        return news

    def _jobs(
        self, steps: list[TreeStep], written: list[Program | LlmReplyError | None]
    ) -> list[_Job]:
        """What to run, numbered in the order of the steps; a cell that came twice runs once."""
        jobs: list[_Job] = []
        for step, cell in zip(steps, written, strict=True):
            is_double = isinstance(cell, Program) and any(
                job.step.at == step.at
                and isinstance(job.cell, Program)
                and job.cell.canonical == cell.canonical
                for job in jobs
            )
            node = 0 if cell is None or is_double else self._workspace.new_node()
            jobs.append(_Job(step, cell, node, is_double))
        return jobs

    def write_values(self) -> None:
        """Keep what the tree thinks of each node in the trace."""
        for node, attempt in self._attempts.items():
            if not node or node >= len(self._tree.nodes):
                continue
            grown = self._tree.nodes[node]
            with at_node(attempt.node):
                self._workspace.run.recorder.write(
                    NodeValued(
                        parent=attempt.parent, visits=grown.visits, value=round(grown.value, 6)
                    )
                )

    def _siblings(self, step: TreeStep) -> list[Attempt]:
        children = self._tree.nodes[step.at].children
        return [self._attempts[child] for child in children]

    def _write(self, asked: tuple[TreeStep, int]) -> Program | LlmReplyError | None:
        """A cell that differs from its siblings; None if the model has no other.

        Steps after the same cells that are out at once see no cell of each other: all but the
        first are written at a temperature at which they differ.
        """
        step, nth = asked
        parent = self._attempts[step.at]
        siblings = self._siblings(step)
        is_last = self._tree.nodes[step.at].depth == MAX_DEPTH - 1
        messages = cell_messages(
            self._prompt,
            parent.shown,
            attempted=[sibling.tried() for sibling in siblings],
            order=self._wanted.last if is_last else self._wanted.order,
        )
        for temperature in (AGAIN, 1.0) if siblings else (AGAIN if nth else 0.0,):
            try:
                cell = write_cell(
                    self._workspace, messages, "write a cell", temperature=temperature
                )
            except LlmReplyError as error:
                return error
            if cell.canonical not in {sibling.cells[-1].canonical for sibling in siblings}:
                return cell
        return None

    def _run(self, job: _Job) -> Attempt | None:
        parent = self._attempts[job.step.at]
        if job.cell is None or job.is_double:
            return None
        if isinstance(job.cell, LlmReplyError):
            return self._refuse(job, parent, job.cell)
        try:
            self._wanted.check(job.cell)
        except ProgramRejectedError as error:
            return self._refuse(job, parent, error, job.cell)
        return self._workspace.run_cell(parent, job.cell, node=job.node)

    def _refuse(
        self, job: _Job, parent: Attempt, error: VprogError, source: str | Program = ""
    ) -> Attempt:
        self.refused.add(job.node)
        return self._workspace.refuse(parent, error, source=source, node=job.node)


def _news(attempt: Attempt) -> StepNews:
    """What a tree is told of an attempt. An abstention ends its path and is worth nothing."""
    if attempt.state is not None:
        return "continues", 0.0
    if attempt.is_ended:
        return "ended", attempt.reward.value
    return "failed", 0.0


def is_decided(votes: Sequence[Vote], *, n_left: int) -> bool:
    """Whether votes to come would not change which answer has the most weight.

    That takes two votes that agree. Each to come is taken to weigh what those so far weigh on
    average, and all to be for the runner-up.
    """
    if n_left <= 0:
        return True
    counted = count_votes(votes)
    if not counted or len(counted[0].votes) < 2:
        return False
    mean = math.fsum(vote.weight for vote in votes) / len(votes)
    runner_up = counted[1].weight if len(counted) > 1 else 0.0
    return counted[0].weight >= runner_up + n_left * mean - ROUNDED


def side_by_side(work: Callable[[T], R], jobs: Sequence[T], *, stop: Callable[[], None]) -> list[R]:
    """What the work gives for each job, in their order; each job has a thread of its own.

    One job alone is done in the caller's thread.

    Args:
        work: called once for each job.
        jobs: what it is called with.
        stop: called when KeyboardInterrupt comes: ends what the threads wait for.

    Raises:
        BaseException: what the first of the jobs raised, after all have ended.
    """
    if len(jobs) == 1:
        return [work(jobs[0])]
    futures: list[Future[R]] = [Future() for _ in jobs]
    threads = [
        threading.Thread(target=_do, args=(work, job, future), daemon=True)
        for job, future in zip(jobs, futures, strict=True)
    ]
    try:
        for thread in threads:
            thread.start()
        left = set(futures)
        while left:
            left = wait(left, timeout=CHECK_S).not_done
    except KeyboardInterrupt:
        stop()
        wait(futures[: sum(thread.ident is not None for thread in threads)], timeout=GRACE_S)
        raise
    return [future.result() for future in futures]


def _do(work: Callable[[T], R], job: T, future: Future[R]) -> None:
    try:
        made = work(job)
    except BaseException as error:
        future.set_exception(error)  # whoever waits for the result raises it
    else:
        future.set_result(made)
