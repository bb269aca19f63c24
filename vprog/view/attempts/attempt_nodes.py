"""The nodes of a search: what the events of each say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vprog.errors import TraceError
from vprog.trace.event import (
    Abstained,
    Answered,
    AnyEvent,
    CellFailed,
    CellStarted,
    ModuleCalled,
    NodeEvaluated,
    NodeValued,
    ProgramRefused,
    ProgramWritten,
    RunStarted,
)
from vprog.types import wire
from vprog.view.attempts.attempt_words import cell_words
from vprog.view.words import short

_REFUSED = "The program was refused:"
"""How such messages begin; what a node's status says already."""


@dataclass
class Node:
    """One node: a cell, what came of it, and what it is worth."""

    number: int
    parent: int = 0
    """0 for a first cell."""
    is_chosen: bool = False
    """It is on the path that the result comes from."""
    written: ProgramWritten | None = None
    tried: NodeEvaluated | None = None
    """None where the run was cut off before anything came of it."""
    valued: NodeValued | None = None
    """Of a tree search only."""
    answered: Answered | None = None
    problems: list[str] = field(default_factory=list)
    """Why it was refused, failed or gave no answer; the first one first."""
    calls: dict[str, int] = field(default_factory=dict)
    """Module calls: how many were executed, cached, joined, refused."""
    n_runs: int = 0
    """How often it ran; 0 where it was refused before."""
    words: str = ""
    """What the cell does, in a few words."""

    @property
    def source(self) -> str:
        return self.written.source if self.written else ""

    @property
    def status(self) -> str:
        """Of the outcome; "cut off" where none is known."""
        return self.tried.status if self.tried else "cut off"

    @property
    def is_answer(self) -> bool:
        """It gave an answer that counts; one outside the choices does not."""
        return self.answered is not None and self.tried is not None and self.tried.valid > 0

    @property
    def answer(self) -> str:
        """The answer, in words."""
        return value_words(bytes(self.answered.value)) if self.answered else ""


def read_nodes(
    events: Iterable[AnyEvent], started: RunStarted, chosen: list[int]
) -> dict[int, Node]:
    """Every node by its number, in the order of the numbers; `chosen` are those of the path."""
    tasks = {module.task for module in started.modules}
    found: dict[int, Node] = {}
    for event in events:
        if event.node > 0:
            _take(found.setdefault(event.node, Node(event.node)), event)
    for number in chosen:
        if number in found:
            found[number].is_chosen = True
    for node in found.values():
        made = node.tried or node.valued
        # A parent is always older: whatever else a damaged trace says leads in circles.
        if made is not None and made.parent < node.number and made.parent in found:
            node.parent = made.parent
        note = node.written.note if node.written else ""
        node.words = cell_words(node.source, note, tasks)
        if node.answered is not None and node.tried is not None and not node.is_answer:
            what = "is not one of the choices" if started.choices else "does not count"
            node.problems.append(f"the answer {what}")
    return dict(sorted(found.items()))


def value_words(raw: bytes) -> str:
    """A value of the trace in words; damage is said."""
    try:
        value = wire.decode(raw)
    except TraceError as error:
        return f"({error.message})"
    return short(round(value, 3) if isinstance(value, float) else value)


def _take(node: Node, event: AnyEvent) -> None:
    """Note what an event says of its node."""
    match event:
        case ProgramWritten():
            node.written = event
        case NodeEvaluated():
            node.tried = event
        case NodeValued():
            node.valued = event
        case CellStarted():
            node.n_runs += 1
        case Answered():
            node.answered = event
        case Abstained():
            node.problems.append(f"{event.reason} {event.hint}".strip())
        case CellFailed():
            where = f"line {event.line}: " if event.line else ""
            node.problems.append(f"{where}{event.message}")
        case ProgramRefused():
            for line, text in event.problems:
                text = text.removeprefix(_REFUSED).lstrip()
                node.problems.append(f"line {line}: {text}" if line else text)
        case ModuleCalled():
            node.calls[event.how] = node.calls.get(event.how, 0) + 1
