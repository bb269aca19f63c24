"""The attempts of a run as its trace tells them: a tree of nodes, the votes, the counts.

A node is a cell that was tried after the cells of its parent. How nodes are drawn is the
business of view/run_text.py and view/html.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from vprog.errors import TraceError
from vprog.program.program import Program
from vprog.trace.branches import chosen_path
from vprog.trace.event import AnyEvent, LlmCalled, NodeChosen, NodeEvaluated, Reflected, Voted
from vprog.trace.store import Recording
from vprog.view.attempts.attempt_nodes import read_nodes, value_words
from vprog.view.model import AttemptNode, Attempts, BallotGroup, Reflection
from vprog.view.run_words import calls_text
from vprog.view.words import counted

DEEPEST = 10
"""Levels that are drawn; a node below them stands under the last one."""


class AttemptTree:
    """The nodes of a recording; none where a program simply ran."""

    def __init__(self, recording: Recording) -> None:
        self._events = recording.events
        self._started = recording.started

    @property
    def model(self) -> Attempts | None:
        """What is shown of them; None where no more than one was made."""
        if len(self.nodes) < 2:
            return None
        return Attempts(
            nodes=list(self.nodes.values()),
            chosen=self.chosen,
            votes=self.votes,
            reflections=self.reflections,
            counts=self.counts.sentences,
            runs_again=self.counts.runs_again,
        )

    @cached_property
    def nodes(self) -> dict[int, AttemptNode]:
        """Every node by its number, in the order of the numbers."""
        return read_nodes(self._events, self._started, self.chosen)

    @cached_property
    def chosen(self) -> list[int]:
        """The path that the result comes from, first cell first; [] of a run that was cut off."""
        decided = any(isinstance(event, NodeChosen) for event in self._events)
        return chosen_path(self._events) if decided else []

    def events(self, number: int) -> list[AnyEvent]:
        """What happened at a node, in its order.

        Raises:
            TraceError: there is no such node.
        """
        if number not in self.nodes:
            raise TraceError(
                f"the trace has {len(self.nodes)} nodes, none of them is {number}.",
                hint="list(trace.tree()) has their numbers; only runs with attempts have any.",
            )
        return [event for event in self._events if event.node == number]

    @cached_property
    def votes(self) -> list[list[BallotGroup]]:
        """Each vote that was held: its groups, the winner first."""
        end = self.chosen[-1] if self.chosen else 0
        return [_groups(event, end) for event in self._events if isinstance(event, Voted)]

    @cached_property
    def reflections(self) -> list[Reflection]:
        """Each judgement, with the node that came before it."""
        reflections: list[Reflection] = []
        before = 0
        for event in self._events:
            if isinstance(event, NodeEvaluated):
                before = event.node
            elif isinstance(event, Reflected):
                reflections.append(
                    Reflection(
                        after_node=before,
                        sufficient=event.sufficient,
                        confidence=event.confidence,
                        text=event.text,
                    )
                )
        return reflections

    @cached_property
    def counts(self) -> AttemptCounts:
        """How much ran, and how much of that ran again."""
        return _counts_of(self.nodes.values(), self._events)


def shown_children(
    attempts: Attempts, most: int, *, deepest: int = DEEPEST
) -> dict[int, list[AttemptNode]]:
    """The nodes to draw, under their parents; 0 holds the first cells.

    At most `most`, and the chosen path always. What is deeper than `deepest` levels stands
    beside its parent, behind it.
    """
    numbers = {node.number for node in attempts.nodes}
    shown = {number for number in attempts.chosen if number in numbers}
    for node in attempts.nodes:
        if len(shown) >= most:
            break
        shown.add(node.number)
    real: dict[int, list[AttemptNode]] = {}
    for node in attempts.nodes:
        if node.number in shown:
            real.setdefault(node.parent, []).append(node)
    drawn: dict[int, list[AttemptNode]] = {}
    waiting = [(node, 0, 1) for node in reversed(real.get(0, []))]
    while waiting:
        node, under, level = waiting.pop()
        drawn.setdefault(under, []).append(node)
        below = (node.number, level + 1) if level < deepest else (under, level)
        waiting.extend((child, *below) for child in reversed(real.get(node.number, [])))
    return drawn


def _groups(voted: Voted, end: int) -> list[BallotGroup]:
    """The ballots of a vote that agree, where `end` is the node that the result comes from."""
    by_party: dict[int, list[tuple[int, float, str]]] = {}
    for ballot in voted.ballots:
        by_party.setdefault(ballot.party, []).append(
            (ballot.node, ballot.weight, value_words(bytes(ballot.value)))
        )
    total = sum(ballot.weight for ballot in voted.ballots)
    is_end_among = any(ballot.node == end for ballot in voted.ballots)
    groups: list[BallotGroup] = []
    for _, ballots in sorted(by_party.items()):
        weight = sum(weight for _, weight, _ in ballots)
        nodes = [node for node, _, _ in ballots]
        if end in nodes:
            fate = "kept" if groups else "won"
        elif groups:
            fate = "lost"
        else:
            fate = "heaviest" if is_end_among else "won"
        groups.append(
            BallotGroup(
                answer=ballots[0][2],
                weight=weight,
                share=weight / total if total else len(ballots) / len(voted.ballots),
                nodes=nodes,
                fate=fate,
            )
        )
    return groups


@dataclass(frozen=True)
class AttemptCounts:
    """How much ran over all attempts; every figure is counted in the trace."""

    nodes: int
    refused: int
    """Nodes that were refused before they ran."""
    runs: int
    """Cells that ran."""
    runs_again: int
    """Cells that ran after the same cells as before: 0 says that no prefix ran twice."""
    cells_on_paths: int
    """Cells that would have run if every path had begun anew."""
    calls: dict[str, int]
    requests: dict[str, int]
    """Requests to a language model, by purpose."""

    @property
    def sentences(self) -> list[str]:
        """The same for people."""
        ran = f"{counted(self.nodes, 'node')}: {counted(self.runs, 'cell')} ran"
        if self.refused:
            ran += f", {self.refused} refused before that"
        if self.runs_again:
            ran += f"; {self.runs_again} ran again after the same cells"
        else:
            ran += "; no prefix ran twice"
            if self.cells_on_paths > self.runs:
                ran += f" ({self.cells_on_paths} cells, had every path begun anew)"
        requests = ", ".join(f"{count} to {purpose}" for purpose, count in self.requests.items())
        return [
            f"{ran}.",
            f"{calls_text(self.calls, 'module call').capitalize()}.",
            *([f"Requests to the language model: {requests}."] if requests else []),
        ]


def _counts_of(nodes: Collection[AttemptNode], events: Iterable[AnyEvent]) -> AttemptCounts:
    """How much ran, and how much of that ran again."""
    calls: dict[str, int] = {}
    for node in nodes:
        for how, count in node.calls.items():
            calls[how] = calls.get(how, 0) + count
    requests: dict[str, int] = {}
    for event in events:
        if isinstance(event, LlmCalled):
            requests[event.purpose] = requests.get(event.purpose, 0) + 1
    parents = {node.parent for node in nodes}
    # Two paths are the same where their cells are, whatever nodes they went through.
    prefixes: dict[tuple[int, str], int] = {}
    identity = {0: 0}
    depth = {0: 0}
    ran: set[int] = set()
    again = 0
    for node in nodes:
        key = (identity[node.parent], Program(node.source).canonical)
        identity[node.number] = prefixes.setdefault(key, node.number)
        depth[node.number] = depth[node.parent] + (1 if node.n_runs else 0)
        if node.n_runs:
            again += node.n_runs - (identity[node.number] not in ran)
            ran.add(identity[node.number])
    return AttemptCounts(
        nodes=len(nodes),
        refused=sum(1 for node in nodes if node.status == "rejected" and not node.n_runs),
        runs=sum(node.n_runs for node in nodes),
        runs_again=again,
        cells_on_paths=sum(depth[node.number] for node in nodes if node.number not in parents),
        calls=calls,
        requests=requests,
    )
