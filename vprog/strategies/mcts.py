"""Monte-Carlo tree search that asks and is told: where to try next, and what came of it.

Pure and deterministic by its seed: it calls no model and runs no cell. A node is a cell
that ran on its parent; node 0 is the state before the first. A roll-out goes

    step = tree.ask()                        # expand this node; None: nothing to do now
    told = tree.tell(step, "continues")      # the cell ran; told.step: go on from its child
    tree.tell(told.step, "ended", 0.8)       # the next cell answered, and is worth 0.8

Every cell of a roll-out becomes a node, so that nothing runs twice. Several steps may be
out at once: each counts as a loss on its way until it is told (virtual loss), which sends
the next one elsewhere. A failure is worth 0 and lowers the means above it; nothing but a
reward raises them.

Source: L. Kocsis and C. Szepesvári, Bandit based Monte-Carlo Planning, 2006 (UCT);
R. Coulom, Computing Elo Ratings of Move Patterns in the Game of Go, 2007 (widening).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from vprog.errors import BudgetError, LlmError
from vprog.runs.combinators import SPENT

StepOutcome = Literal["continues", "evaluated", "ended", "failed", "exhausted", "dropped"]
"""What came of a step.

- continues: the cell ran and did not end; the roll-out goes on from it.
- evaluated: the same, but its worth was found some other way; the roll-out is over.
- ended: the cell ended the program with this reward.
- failed: it was refused or raised; worth 0, and never gone on from.
- exhausted: no further cell could be had that differs from the siblings.
- dropped: nothing is known, e.g. the budget ended; as if it had not been asked.
"""

NodeKind = Literal["open", "ended", "failed"]


@dataclass(frozen=True)
class TreeShape:
    """How a tree may grow, and how it is searched.

    Attributes:
        exploration: c of `mean + c * sqrt(ln(visits of parent) / visits)`; sqrt(2) is UCB1.
        max_children: the most cells after one; failed ones count.
        widening: None, or (k, alpha): a node visited n times may have ceil(k * n**alpha)
            children that did not fail (progressive widening).
        max_depth: the most cells on a path.
        max_nodes: the most cells in all; a roll-out that this cuts short counts nothing.
        retries: how many failed cells after a node without any other are followed by another
            one there in the same roll-out; each counts as a failure.
        virtual_loss: how many lost visits a step counts as while it is out.
        repeats: ended nodes are asked again (where rewards are noisy); otherwise each is
            asked once, since a program gives the same again.
    """

    exploration: float = 0.7
    max_children: int = 4
    widening: tuple[float, float] | None = None
    max_depth: int = 6
    max_nodes: int = 1000
    retries: int = 0
    virtual_loss: int = 1
    repeats: bool = False


@dataclass
class TreeNode:
    """One cell in the tree. Read it; only the tree changes it."""

    id: int
    parent: int | None
    depth: int
    kind: NodeKind = "open"
    children: list[int] = field(default_factory=list)
    visits: int = 0
    total: float = 0.0
    reward: float | None = None
    """Of an ended or evaluated node, the last that was told."""
    pending: int = 0
    """Steps that are out at this node or below it."""
    expanding: int = 0
    """Steps that are out at this node itself."""
    is_exhausted: bool = False
    is_closed: bool = False
    """Nothing at it or below it is left to try."""

    @property
    def value(self) -> float:
        """The mean reward of the roll-outs through it; 0 before the first."""
        return self.total / self.visits if self.visits else 0.0


@dataclass(frozen=True)
class TreeStep:
    """One thing to do: write and run a cell after node `at`, or try ended node `at` again."""

    id: int
    at: int
    again: bool = False


@dataclass(frozen=True)
class ToldStep:
    """What became of a step: the node made of it, and the next step of the same roll-out."""

    node: int | None = None
    step: TreeStep | None = None


class Tree:
    """A search in progress."""

    def __init__(self, shape: TreeShape | None = None, *, seed: int = 0) -> None:
        self.shape = shape or TreeShape()
        self.nodes: list[TreeNode] = [TreeNode(0, None, 0)]
        self._random = random.Random(seed)
        self._out: dict[int, TreeStep] = {}
        self._next_step = 0

    @property
    def root(self) -> TreeNode:
        return self.nodes[0]

    @property
    def n_out(self) -> int:
        """How many steps are out and not told yet."""
        return len(self._out)

    def ask(self) -> TreeStep | None:
        """Where to try next; None if nothing is left, or nothing until a step is told."""
        blocked: set[int] = set()
        while not self.root.is_closed and 0 not in blocked:
            node = self.root
            while True:
                if node.kind == "ended":
                    return self._give(node, again=True)
                if self._may_expand(node):
                    return self._give(node)
                live = [
                    child
                    for child in map(self.nodes.__getitem__, node.children)
                    if not child.is_closed and child.id not in blocked
                ]
                if not live:
                    blocked.add(node.id)
                    break
                node = self._choose(node, live)
        return None

    def tell(self, step: TreeStep, what: StepOutcome, reward: float = 0.0) -> ToldStep:
        """Learn what came of a step.

        Args:
            step: as `ask` or an earlier `tell` gave it; each is told once.
            what: see `StepOutcome`.
            reward: in [0, 1]; of "ended" and "evaluated" only.

        Raises:
            ValueError: the step is not out, or the reward is no number in [0, 1].
        """
        if self._out.pop(step.id, None) != step:
            raise ValueError(f"step {step.id} is not out: each is told once.")
        if not (math.isfinite(reward) and 0.0 <= reward <= 1.0):
            self._out[step.id] = step
            raise ValueError(f"a reward must lie in [0, 1], got {reward!r}.")
        at = self.nodes[step.at]
        self._change_pending(at, -1)
        at.expanding -= 1
        if step.again:
            if what == "ended":
                self._reward(at, reward)
            return ToldStep(at.id)
        if what == "dropped":
            return ToldStep()
        if what == "exhausted":
            at.is_exhausted = True
            if not at.children and at is not self.root:
                self._learn(at, 0.0)
            self._close_upwards(at)
            return ToldStep()
        return self._grow(at, what, reward)

    def path(self, node: int) -> list[int]:
        """The nodes from the first cell to `node`; the root, which is no cell, is left out."""
        return [upward.id for upward in self._upwards(self.nodes[node])][-2::-1]

    def favourite(self) -> TreeNode:
        """Where the most visited children lead, the better one of equals."""
        node = self.root
        while node.children:
            node = max(
                map(self.nodes.__getitem__, node.children),
                key=lambda child: (child.visits, child.value),
            )
        return node

    def bound(self, node: TreeNode, parent: TreeNode) -> float:
        """The upper confidence bound by which `node` is chosen among its siblings."""
        visits = node.visits + self.shape.virtual_loss * node.pending
        if not visits:
            return math.inf
        of_parent = parent.visits + self.shape.virtual_loss * parent.pending
        explored = math.sqrt(math.log(max(of_parent, 1)) / visits)
        return node.total / visits + self.shape.exploration * explored

    def _choose(self, parent: TreeNode, live: list[TreeNode]) -> TreeNode:
        bounds = [self.bound(child, parent) for child in live]
        best = max(bounds)
        equal = [child for child, bound in zip(live, bounds, strict=True) if bound == best]
        return equal[0] if len(equal) == 1 else self._random.choice(equal)

    def _may_expand(self, node: TreeNode) -> bool:
        """Whether a step may go out that makes a child of `node`."""
        if node.is_exhausted or node.depth >= self.shape.max_depth:
            return False
        out = sum(1 for step in self._out.values() if not step.again)
        if len(self.nodes) - 1 + out >= self.shape.max_nodes:
            return False
        if len(node.children) + node.expanding >= self.shape.max_children:
            return False
        if self.shape.widening is None:
            return True
        k, alpha = self.shape.widening
        children = [self.nodes[child] for child in node.children]
        alive = sum(1 for child in children if child.kind != "failed") + node.expanding
        if all(child.is_closed for child in children) and not node.expanding:
            return True  # no other way on: the widening must not end the search
        return alive < math.ceil(k * math.pow(max(node.visits, 1), alpha))

    def _give(self, node: TreeNode, *, again: bool = False) -> TreeStep:
        step = TreeStep(self._next_step, node.id, again)
        self._next_step += 1
        self._out[step.id] = step
        node.expanding += 1
        self._change_pending(node, 1)
        return step

    def _grow(self, at: TreeNode, what: StepOutcome, reward: float) -> ToldStep:
        """Make the child that a step led to."""
        child = TreeNode(len(self.nodes), at.id, at.depth + 1)
        self.nodes.append(child)
        at.children.append(child.id)
        is_deep = child.depth >= self.shape.max_depth
        if what == "failed" or (what == "continues" and is_deep):
            child.kind, child.is_closed = "failed", True
            self._learn(child, 0.0)
        elif what == "ended":
            child.kind, child.is_closed = "ended", not self.shape.repeats
            self._reward(child, reward)
        elif what == "evaluated":
            child.is_closed = is_deep
            self._reward(child, reward)
        elif self._may_expand(child):
            return ToldStep(child.id, self._give(child))
        self._close_upwards(at)
        if child.kind == "failed" and self._may_retry(at):
            return ToldStep(child.id, self._give(at))
        return ToldStep(child.id)

    def _may_retry(self, at: TreeNode) -> bool:
        """Whether a roll-out that failed after `at` goes on from there once more."""
        has_only_failed = all(self.nodes[child].kind == "failed" for child in at.children)
        return (
            has_only_failed
            and len(at.children) + at.expanding <= self.shape.retries
            and self._may_expand(at)
        )

    def _reward(self, node: TreeNode, reward: float) -> None:
        node.reward = reward
        self._learn(node, reward)

    def _learn(self, node: TreeNode, reward: float) -> None:
        """Count a roll-out at a node and everywhere above it."""
        for upward in self._upwards(node):
            upward.visits += 1
            upward.total += reward

    def _change_pending(self, node: TreeNode, by: int) -> None:
        for upward in self._upwards(node):
            upward.pending += by

    def _close_upwards(self, node: TreeNode) -> None:
        """Close what has nothing left to try, from a node up to the root."""
        for upward in self._upwards(node):
            is_full = (
                upward.is_exhausted
                or len(upward.children) >= self.shape.max_children
                or upward.depth >= self.shape.max_depth
            )
            is_done = is_full and not upward.expanding
            if not is_done or not all(self.nodes[child].is_closed for child in upward.children):
                return
            upward.is_closed = True

    def _upwards(self, node: TreeNode) -> Iterator[TreeNode]:
        """A node and those above it, up to the root."""
        at: int | None = node.id
        while at is not None:
            yield self.nodes[at]
            at = self.nodes[at].parent


StepNews = tuple[StepOutcome, float]
"""What came of a step of a tree, and its reward."""


def grow(
    tree: Tree,
    expand: Callable[[list[TreeStep]], list[StepNews]],
    *,
    width: int = 1,
    enough: Callable[[], bool],
) -> BudgetError | LlmError | None:
    """Grow a tree until it is enough, nothing is left to try, or nothing more can be had.

    Args:
        tree: says where to go on.
        expand: does some steps, at most `width`, and says what came of each.
        width: how many steps are done at once.
        enough: asked after each round.

    Returns:
        The error after which nothing more could be had; None if it ended otherwise.
    """
    steps: list[TreeStep] = []
    while True:
        while len(steps) < width and (step := tree.ask()) is not None:
            steps.append(step)
        if not steps:
            return None
        try:
            news = expand(steps)
        except SPENT as error:
            for step in steps:
                tree.tell(step, "dropped")
            return error
        told = [tree.tell(step, *outcome) for step, outcome in zip(steps, news, strict=True)]
        steps = [next_step for told_step in told if (next_step := told_step.step) is not None]
        if enough():
            for step in steps:
                tree.tell(step, "dropped")
            return None
