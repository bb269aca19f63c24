"""Tree search against a published example by hand, planted trees, and its promises."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from benchmarks.planted_tree import SEARCHERS, Planted, found
from vprog.runs.votes import Vote, count_votes
from vprog.strategies.mcts import StepOutcome, Tree, TreeShape, TreeStep

SEEDS = 200


def ask(tree: Tree) -> TreeStep:
    step = tree.ask()
    assert step is not None
    return step


def test_uct_reproduces_a_published_example() -> None:
    """Two actions a state, bound = mean + 2 sqrt(ln N / n), roll-outs that give 20, 10 and 0.

    Source: "MCTS — Monte Carlo Tree Search", course notes in French, public on GitHub without
    author or year, section II.F "Exemple complet pas-à-pas": its roll-outs, bounds and choices
    up to the fourth visit of the root. The figures are those usually traced to J. Levine's
    recorded lecture (https://www.youtube.com/watch?v=UXW2yZndl7U), which was not at hand.

    From there on by hand, by the formula of Kocsis and Szepesvári (2006): the fourth roll-out
    gives 14, and the four leaves vote. Here rewards and c are divided by 20.
    """
    tree = Tree(TreeShape(exploration=2 / 20, max_children=2), seed=1)
    told: list[tuple[int, int | None]] = []

    def bounds() -> list[float]:
        return [round(20 * tree.bound(node, tree.root), 2) for node in tree.nodes[1:3]]

    seen = []
    for reward in (20, 10, 0):
        step = ask(tree)
        told.append((step.at, tree.tell(step, "evaluated", reward / 20).node))
        seen.append(bounds())
    # S1 and S2 from the root; then S1 is better and gets a child, whose roll-out gives 0.
    assert told == [(0, 1), (0, 2), (1, 3)]
    assert seen == [[20.0], [21.67, 11.67], [11.48, 12.1]]
    step = ask(tree)
    assert step.at == 2  # now S2 is
    # By hand from here.
    tree.tell(step, "evaluated", 14 / 20)
    assert bounds() == [11.67, 13.67]
    assert [node.visits for node in tree.nodes] == [4, 2, 2, 1, 1]
    assert [20 * node.total for node in tree.nodes] == pytest.approx([44, 20, 24, 0, 14])
    assert ask(tree).at == 2
    answers = {1: "a", 2: "b", 3: "a", 4: "b"}
    ballots = [Vote(at, said, reward / 20) for (at, said), reward in
               zip(answers.items(), (20, 10, 0, 14), strict=True)]  # fmt: skip
    first, second = count_votes(ballots)
    assert (first.leader.answer, first.weight) == ("b", pytest.approx(24 / 20))
    assert (second.leader.node, second.weight) == (1, 1.0)  # the best leaf and a worthless one


def test_a_roll_out_makes_every_cell_a_node_and_counts_once_on_each() -> None:
    tree = Tree(TreeShape(max_children=1, max_depth=5))
    step: TreeStep | None = ask(tree)
    for _ in range(2):
        assert step is not None
        step = tree.tell(step, "continues").step
    assert step is not None
    told = tree.tell(step, "ended", 0.6)
    assert (told.node, told.step) == (3, None)
    assert tree.path(3) == [1, 2, 3]
    assert [(node.visits, node.value) for node in tree.nodes] == [(1, 0.6)] * 4
    assert tree.root.is_closed
    assert tree.ask() is None


@pytest.mark.parametrize("what", ["failed", "exhausted"])
def test_a_failed_branch_never_raises_its_ancestors(what: StepOutcome) -> None:
    for seed in range(50):
        dice = random.Random(seed)
        tree = Tree(TreeShape(max_children=3, max_depth=4, exploration=1.0), seed=seed)
        while (step := tree.ask()) is not None:
            before = {node.id: node.value for node in tree.nodes}
            kind = dice.choice(["continues", what, "ended"])
            while kind == "continues":
                after = tree.tell(step, "continues").step
                if after is None:  # too deep: failed
                    break
                step = after
                before = {node.id: node.value for node in tree.nodes}
                kind = dice.choice(["continues", what, "ended"])
            if kind == "ended":
                tree.tell(step, "ended", dice.random())
                continue
            if kind == what:
                tree.tell(step, what)
            for node, value in before.items():
                assert tree.nodes[node].value <= value
        assert tree.n_out == 0
        for node in tree.nodes:
            if node.kind == "failed":
                assert (node.value, node.is_closed) == (0.0, True)


def test_virtual_loss_sends_parallel_steps_apart_and_leaves_no_trace() -> None:
    tree = Tree(TreeShape(max_children=2, exploration=0.0))
    for reward in (0.9, 0.5):
        tree.tell(ask(tree), "evaluated", reward)
    first, second = ask(tree), ask(tree)
    assert (first.at, second.at) == (1, 2)  # 0.9 / 2 < 0.5 while the first is out
    assert [round(node.value, 2) for node in tree.nodes] == [0.7, 0.9, 0.5]
    tree.tell(second, "dropped")
    tree.tell(first, "dropped")
    assert [(node.visits, node.pending, node.expanding) for node in tree.nodes] == [
        (2, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
    ]
    assert ask(tree).at == 1


def test_widening_lets_children_grow_with_visits_and_counts_no_failures() -> None:
    tree = Tree(TreeShape(max_children=9, max_depth=1, widening=(1.0, 0.5), exploration=1.0))
    tree.tell(ask(tree), "failed")
    tree.tell(ask(tree), "failed")
    assert tree.ask() is not None  # no child lives: widening must not end the search
    grown = Tree(TreeShape(max_children=9, max_depth=3, widening=(1.0, 0.5), exploration=1.0))
    n_children = []
    for _ in range(10):
        grown.tell(ask(grown), "evaluated", 0.5)
        n_children.append(len(grown.root.children))
    assert n_children[:5] == [1, 1, 2, 2, 2]  # ceil(sqrt(visits)) before each visit
    assert all(n <= math.ceil(math.sqrt(visit)) for visit, n in enumerate(n_children, 1))


def test_a_roll_out_tries_again_where_only_failures_stand() -> None:
    tree = Tree(TreeShape(max_children=4, retries=1))
    first = tree.tell(ask(tree), "continues").step
    assert first is not None
    again = tree.tell(first, "failed").step
    assert again is not None
    assert again.at == first.at
    assert tree.tell(again, "failed").step is None  # once more, not twice
    assert [(node.visits, node.value) for node in tree.nodes] == [(2, 0)] * 2 + [(1, 0)] * 2
    plain = Tree(TreeShape(max_children=4))
    assert plain.tell(ask(plain), "failed").step is None


def test_the_limits_of_nodes_depth_and_children_hold() -> None:
    tree = Tree(TreeShape(max_children=3, max_depth=2, max_nodes=5))
    out = list(itertools.takewhile(lambda step: step is not None, iter(tree.ask, None)))
    assert len(out) == 3  # children of the root; nothing else is there yet
    steps = [tree.tell(element, "continues").step for element in out if element is not None]
    assert [step is not None for step in steps] == [True, True, False]  # five nodes in all
    for item in steps[:2]:
        assert item is not None
        tree.tell(item, "continues")  # at the deepest cell without an answer: failed
    assert len(tree.nodes) == 6
    assert tree.ask() is None
    assert [node.kind for node in tree.nodes[4:]] == ["failed", "failed"]
    assert tree.root.visits == 2


def test_the_tree_refuses_what_cannot_be_told() -> None:
    tree = Tree()
    step = ask(tree)
    for wrong in (1.5, -0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="must lie in"):
            tree.tell(step, "ended", wrong)
    tree.tell(step, "ended", 1.0)
    with pytest.raises(ValueError, match="told once"):
        tree.tell(step, "ended", 1.0)


def test_a_search_is_the_same_for_the_same_seed() -> None:
    def places(seed: int) -> list[int]:
        tree = Tree(TreeShape(max_children=5, max_depth=2), seed=seed)
        found = []
        while (step := tree.ask()) is not None:
            tree.tell(step, "evaluated", 0.5)
            found.append(step.at)
        return found

    assert places(3) == places(3)
    assert len({tuple(places(seed)) for seed in range(5)}) > 1


def test_tree_search_finds_the_planted_program_where_greed_and_chance_do_not() -> None:
    assert Planted.draw(4, 5, 0).n_leaves == 1024
    shares = {
        name: found(each, branching=4, depth=5, noise=0.2, budget=400, seeds=SEEDS)
        for name, each in SEARCHERS.items()
    }
    print({name: f"{share:.1%}" for name, share in shares.items()})
    assert shares["tree search"] >= 0.95
    assert shares["greedy"] <= 0.5
    assert shares["chance"] <= 0.5
