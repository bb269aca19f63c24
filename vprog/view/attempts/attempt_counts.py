"""How much ran over all attempts: cells, calls, requests, and whether anything ran twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vprog.program.program import Program
from vprog.trace.event import AnyEvent, LlmCalled
from vprog.view.model import AttemptNode
from vprog.view.run_words import calls_text
from vprog.view.words import counted


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


def counts_of(nodes: Collection[AttemptNode], events: Iterable[AnyEvent]) -> AttemptCounts:
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
