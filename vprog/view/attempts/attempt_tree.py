"""A search as its trace tells it: every node with its worth, the votes, the counts.

A node is a cell that was tried after the cells of its parent. How nodes are drawn is the
business of attempt_text.py, attempt_map.py and attempt_page.py beside it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from vprog.errors import TraceError
from vprog.trace.branches import chosen_path
from vprog.trace.event import AnyEvent, NodeChosen, NodeEvaluated, Reflected, Voted
from vprog.trace.store import Recording
from vprog.view.attempts.attempt_counts import Counts, counts_of
from vprog.view.attempts.attempt_nodes import Node, read_nodes, value_words

DEEPEST = 10
"""Levels that are drawn; a node below them stands under the last one."""


@dataclass(frozen=True)
class Party:
    """The ballots of a vote that agree."""

    answer: str
    weight: float
    share: float
    """Of the weight of all ballots; of their number where all weigh nothing."""
    nodes: tuple[int, ...]


class SearchTree:
    """The nodes of a recording; none where a program simply ran."""

    def __init__(self, recording: Recording) -> None:
        self._events = recording.events
        self._started = recording.started

    @property
    def is_search(self) -> bool:
        """Whether more than one node was tried."""
        return len(self.nodes) > 1

    @cached_property
    def nodes(self) -> dict[int, Node]:
        """Every node by its number, in the order of the numbers."""
        return read_nodes(self._events, self._started, self.chosen)

    @cached_property
    def chosen(self) -> list[int]:
        """The path that the result comes from, first cell first; [] of a run that was cut off."""
        decided = any(isinstance(event, NodeChosen) for event in self._events)
        return chosen_path(self._events) if decided else []

    def node(self, number: int) -> Node:
        """The node of that number.

        Raises:
            TraceError: there is none.
        """
        if number not in self.nodes:
            raise TraceError(
                f"the trace has {len(self.nodes)} nodes, none of them is {number}.",
                hint="Only searches have nodes; list(trace.tree()) has their numbers.",
            )
        return self.nodes[number]

    def events(self, number: int) -> list[AnyEvent]:
        """What happened at a node, in its order.

        Raises:
            TraceError: there is no such node.
        """
        self.node(number)
        return [event for event in self._events if event.node == number]

    def children(self, most: int, *, deepest: int = DEEPEST) -> dict[int, list[Node]]:
        """The nodes to draw, under their parents; 0 holds the first cells.

        At most `most`, and the chosen path always. What is deeper than `deepest` levels
        stands beside its parent, behind it.
        """
        kept = {each for each in self.chosen if each in self.nodes}
        for number in self.nodes:
            if len(kept) >= most:
                break
            kept.add(number)
        real: dict[int, list[Node]] = {}
        for number, node in self.nodes.items():
            if number in kept:
                real.setdefault(node.parent, []).append(node)
        drawn: dict[int, list[Node]] = {}
        waiting = [(each, 0, 1) for each in reversed(real.get(0, []))]
        while waiting:
            node, under, level = waiting.pop()
            drawn.setdefault(under, []).append(node)
            below = (node.number, level + 1) if level < deepest else (under, level)
            waiting.extend((each, *below) for each in reversed(real.get(node.number, [])))
        return drawn

    @cached_property
    def votes(self) -> list[list[Party]]:
        """Each vote that was held: its parties, the winner first."""
        return [_parties(event) for event in self._events if isinstance(event, Voted)]

    def fate(self, parties: list[Party], party: Party) -> str:
        """What became of a party: "won", "lost", or "kept" and "heaviest" where they differ.

        A strategy that votes to see how far answers agree may keep another one.
        """
        end = self.chosen[-1] if self.chosen else 0
        is_first = party is parties[0]
        if end in party.nodes:
            return "won" if is_first else "kept"
        is_kept = any(end in party.nodes for party in parties)
        return "heaviest" if is_first and is_kept else "won" if is_first else "lost"

    @cached_property
    def reflections(self) -> list[tuple[int, Reflected]]:
        """Each judgement, with the node that came before it; 0 for none."""
        found: list[tuple[int, Reflected]] = []
        before = 0
        for event in self._events:
            if isinstance(event, NodeEvaluated):
                before = event.node
            elif isinstance(event, Reflected):
                found.append((before, event))
        return found

    @cached_property
    def counts(self) -> Counts:
        """How much of the search ran, and how much of that ran again."""
        return counts_of(self.nodes.values(), self._events)

    def to_jsonable(self) -> dict[str, Any]:
        """Nodes, votes and counts as plain lists and dicts."""
        return {
            "nodes": [
                {
                    "node": node.number,
                    "parent": node.parent,
                    "chosen": node.is_chosen,
                    "source": node.source,
                    "status": node.status,
                    "answer": node.answer,
                    "problems": node.problems,
                    "calls": node.calls,
                    "reward": node.tried.reward if node.tried else None,
                    "visits": node.valued.visits if node.valued else None,
                    "value": node.valued.value if node.valued else None,
                }
                for node in self.nodes.values()
            ],
            "votes": [[asdict(party) for party in vote] for vote in self.votes],
            "counts": asdict(self.counts),
        }


def _parties(voted: Voted) -> list[Party]:
    by_number: dict[int, list[tuple[int, float, str]]] = {}
    for ballot in voted.ballots:
        said = (ballot.node, ballot.weight, value_words(bytes(ballot.value)))
        by_number.setdefault(ballot.party, []).append(said)
    total = sum(ballot.weight for ballot in voted.ballots)
    made = []
    for _, ballots in sorted(by_number.items()):
        weight = sum(each for _, each, _ in ballots)
        share = weight / total if total else len(ballots) / len(voted.ballots)
        made.append(Party(ballots[0][2], weight, share, tuple(each for each, _, _ in ballots)))
    return made
