"""How often tree search, greedy search and chance find the one right program of a planted tree.

Every tree has at least 1,000 programs (leaves). A leaf is worth the more, the more of its
first cells are right, up to 0.85 for the right one; a decoy under another first cell is worth
0.7; every look at a leaf is noisy. All three searchers get the same number of looks.
Run it: python -m benchmarks.planted_tree
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from vprog.strategies.mcts import Tree, TreeShape, TreeStep

Path = tuple[int, ...]


@dataclass(frozen=True)
class Planted:
    """One tree: how many cells follow each cell, how many make a program, where the prize is."""

    branching: int
    depth: int
    right: Path
    decoy: Path

    @classmethod
    def draw(cls, branching: int, depth: int, seed: int) -> Planted:
        """A tree whose prize and decoy lie under different first cells."""
        dice = random.Random(f"planted {branching} {depth} {seed}")
        right = tuple(dice.randrange(branching) for _ in range(depth))
        other = dice.choice([index for index in range(branching) if index != right[0]])
        decoy = (other, *(dice.randrange(branching) for _ in range(depth - 1)))
        return cls(branching, depth, right, decoy)

    @property
    def n_leaves(self) -> int:
        return self.branching**self.depth

    def worth(self, leaf: Path) -> float:
        """The mean reward of a program."""
        if leaf == self.right:
            return 0.85
        if leaf == self.decoy:
            return 0.7
        return 0.15 + 0.5 * _shared(leaf, self.right) / self.depth


@dataclass
class Looks:
    """Noisy looks at a tree's leaves, counted."""

    planted: Planted
    noise: float
    dice: random.Random
    n: int = 0

    def look(self, leaf: Path) -> float:
        self.n += 1
        return min(1.0, max(0.0, self.dice.gauss(self.planted.worth(leaf), self.noise)))


def search_tree(looks: Looks, budget: int, seed: int, exploration: float = 0.7) -> Path:
    """The program that tree search visits most."""
    planted = looks.planted
    shape = TreeShape(
        exploration=exploration,
        max_children=planted.branching,
        max_depth=planted.depth,
        max_nodes=10**9,
        repeats=True,
    )
    tree = Tree(shape, seed=seed)
    writer = random.Random(f"writer {seed}")
    cells: dict[int, Path] = {0: ()}
    unsaid: dict[int, list[int]] = {}
    while looks.n < budget:
        step: TreeStep | None = tree.ask()
        assert step is not None
        while step is not None:
            if step.again:
                step = tree.tell(step, "ended", looks.look(cells[step.at])).step
                continue
            if step.at not in unsaid:
                unsaid[step.at] = writer.sample(range(planted.branching), planted.branching)
            path = (*cells[step.at], unsaid[step.at].pop())
            is_whole = len(path) == planted.depth
            told = tree.tell(
                step,
                "ended" if is_whole else "continues",
                looks.look(path) if is_whole else 0.0,
            )
            assert told.node is not None
            cells[told.node] = path
            step = told.step
    return cells[tree.favourite().id]


def search_greedily(looks: Looks, budget: int, seed: int) -> Path:
    """Tree search that never explores: each child once, then always the best mean so far."""
    return search_tree(looks, budget, seed, exploration=0.0)


def search_by_chance(looks: Looks, budget: int, seed: int) -> Path:
    """Programs drawn evenly; the best mean wins."""
    planted = looks.planted
    dice = random.Random(f"chance {seed}")
    seen: dict[Path, list[float]] = {}
    while looks.n < budget:
        leaf = tuple(dice.randrange(planted.branching) for _ in range(planted.depth))
        seen.setdefault(leaf, []).append(looks.look(leaf))
    return max(seen, key=lambda leaf: statistics.fmean(seen[leaf]))


SEARCHERS: dict[str, Callable[[Looks, int, int], Path]] = {
    "tree search": search_tree,
    "greedy": search_greedily,
    "chance": search_by_chance,
}


def found(
    searcher: Callable[[Looks, int, int], Path],
    *,
    branching: int,
    depth: int,
    noise: float,
    budget: int,
    seeds: int,
) -> float:
    """The share of seeds for which a searcher names the right program."""
    hits = 0
    for seed in range(seeds):
        planted = Planted.draw(branching, depth, seed)
        looks = Looks(planted, noise, random.Random(f"noise {seed}"))
        hits += searcher(looks, budget, seed) == planted.right
        assert looks.n == budget
    return hits / seeds


def main() -> None:
    """Print one row per kind of tree."""
    print(f"{'leaves':>7} {'cells':>6} {'noise':>6} {'looks':>6}", *SEARCHERS, sep="  ")
    for branching, depth, noise, budget in (
        (4, 5, 0.2, 400),
        (4, 5, 0.3, 600),
        (10, 3, 0.2, 400),
        (32, 2, 0.2, 600),
    ):
        shares = [
            found(searcher, branching=branching, depth=depth, noise=noise, budget=budget, seeds=200)
            for searcher in SEARCHERS.values()
        ]
        row = f"{branching**depth:7} {depth:6} {noise:6} {budget:6}"
        print(
            row,
            *(f"{share:{len(name)}.1%}" for name, share in zip(SEARCHERS, shares, strict=True)),
            sep="  ",
        )


def _shared(one: Path, other: Path) -> int:
    """How many cells two paths have in common from the start."""
    n = 0
    for mine, theirs in zip(one, other, strict=True):
        if mine != theirs:
            break
        n += 1
    return n


if __name__ == "__main__":
    main()
