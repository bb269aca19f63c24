"""Attempts written by hand: nodes with what came of them, votes, the path that was chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.view.runs import called, ended, raw, started
from vprog.trace.event import (
    Answered,
    CellStarted,
    LlmCalled,
    NodeChosen,
    NodeEvaluated,
    NodeValued,
    ProgramRefused,
    ProgramWritten,
    RecordedBallot,
    RecordedEvidence,
    TraceEvent,
    Voted,
)
from vprog.trace.recorder import Recorder, at_node
from vprog.trace.store import Recording, read_trace

SEEN = RecordedEvidence(video=0, start=2.0, end=3.0, box=None, text="a dog", supported=True)
MADE_UP = RecordedEvidence(video=0, start=7.0, end=7.0, box=None, text="a cat", supported=False)


def written(source: str, cell: int = 0, note: str = "") -> ProgramWritten:
    return ProgramWritten(cell=cell, source=source, writer="m", note=note)


def tried(parent: int, status: str = "continues", *factors: float, cell: int = 0) -> NodeEvaluated:
    valid, confidence, evidence = factors or (0.0, 0.0, 0.0)
    return NodeEvaluated(
        parent=parent, cell=cell, status=status, reward=round(valid * confidence * evidence, 6),
        valid=valid, confidence=confidence, evidence=evidence, n_calls=0,
    )  # fmt: skip


def answer(value: object, *evidence: RecordedEvidence) -> Answered:
    return Answered(cell=1, line=1, value=raw(value), evidence=list(evidence), score=None)


def ran(*events: TraceEvent, source: str = "x = 1", cell: int = 0) -> list[TraceEvent]:
    """A node whose cell ran."""
    return [written(source, cell), CellStarted(cell=cell), *events]


def write_search(
    folder: Path, nodes: dict[int, list[TraceEvent]], *rest: TraceEvent, **given: Any
) -> Recording:
    """A trace of nodes, each with its events, then of what belongs to none."""
    recorder = Recorder(folder)
    recorder.write(started(**given))
    for number, events in nodes.items():
        with at_node(number):
            for event in events:
                recorder.write(event)
    for event in rest:
        recorder.write(event)
    recorder.close()
    return read_trace(folder)


def requests(purpose: str, count: int) -> list[LlmCalled]:
    one = LlmCalled(model="m", purpose=purpose, messages=[], reply="", tokens_in=1, tokens_out=1,
                    seconds=0.0)  # fmt: skip
    return [one] * count


def small_search(folder: Path, **given: Any) -> Recording:
    """Two paths to an answer, a cell that was refused, and a guess that lost.

    1 -> 2 (refused), 1 -> 3 (won); 4 (lost).
    """
    nodes: dict[int, list[TraceEvent]] = {
        1: ran(called(1, 1), called(1, 1, how="cached"), tried(0), source="# Dogs.\nx = 1"),
        2: [
            written("y = x.colour", cell=1),
            ProgramRefused(cell=1, check="types", problems=[(1, "no value has it."), (2, "again")]),
            tried(1, "rejected", cell=1),
        ],
        3: ran(answer("dog", SEEN), tried(1, "answered", 1.0, 0.8, 1.0, cell=1), cell=1),
        4: ran(answer("cat", MADE_UP), tried(0, "answered", 1.0, 0.5, 0.1), source="answer('cat')"),
    }  # fmt: skip
    votes = Voted(
        ballots=[
            RecordedBallot(node=3, party=0, value=raw("dog"), weight=0.8),
            RecordedBallot(node=4, party=1, value=raw("cat"), weight=0.05),
        ]
    )
    values = {1: (2, 0.4), 2: (1, 0.0), 3: (1, 0.8), 4: (1, 0.05)}
    parents = {1: 0, 2: 1, 3: 1, 4: 0}
    for number, (visits, value) in values.items():
        nodes[number].append(NodeValued(parent=parents[number], visits=visits, value=value))
    return write_search(
        folder, nodes, *requests("write a cell", 4), votes, NodeChosen(path=[1, 3]), ended(),
        **given,
    )  # fmt: skip


def large_search(folder: Path, count: int, source: str = "x = 1", answered: str = "a") -> Recording:
    """A tree in which every node has up to three below it; each leaf answers."""
    leaves = {number for number in range(1, count + 1) if 3 * number - 1 > count}
    nodes: dict[int, list[TraceEvent]] = {}
    for number in range(1, count + 1):
        parent = (number + 1) // 3
        end = (
            [answer(answered, SEEN, MADE_UP), tried(parent, "answered", 1.0, 0.5, 0.5)]
            if number in leaves
            else [tried(parent)]
        )
        nodes[number] = ran(*end, source=f"{source}\nn = {number}")
    ballots = [RecordedBallot(node=leave, party=leave, value=raw(f"{answered}{leave}"), weight=0.25)
               for leave in sorted(leaves)]  # fmt: skip
    return write_search(folder, nodes, Voted(ballots=ballots), NodeChosen(path=[1, 3, 8]), ended())
