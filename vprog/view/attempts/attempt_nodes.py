"""The attempts of a run one by one: what the events of each node tell of it, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
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
from vprog.view.model import AttemptNode
from vprog.view.run_words import calls_text, shown_evidence
from vprog.view.words import clipped, counted, short

_REFUSED = "The program was refused:"
"""How such messages begin; what a node's status says already."""

_OUTCOMES = {"continues": "goes on", "rejected": "refused"}
_KINDS = {"continues": "open", "answered": "warm", "abstained": "warm"}
_MOST_ANSWER = 120
_MOST_WORDS = 90
_ENDS = ("answer", "abstain")


@dataclass
class _NodeEvents:
    """What has been read of a node so far."""

    written: ProgramWritten | None = None
    evaluated: NodeEvaluated | None = None
    """None where the run was cut off before anything came of it."""
    valued: NodeValued | None = None
    """Of a tree search only."""
    answered: Answered | None = None
    problems: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    n_runs: int = 0


def read_nodes(
    events: Iterable[AnyEvent], started: RunStarted, chosen: list[int]
) -> dict[int, AttemptNode]:
    """Every node by its number, in the order of the numbers; `chosen` are those of the path."""
    drafts: dict[int, _NodeEvents] = {}
    for event in events:
        if event.node > 0:
            draft = drafts.setdefault(event.node, _NodeEvents())
            if type(event) in TOLD_OF_NODE:
                TOLD_OF_NODE[type(event)](draft, event)
    return {
        number: _node(number, drafts[number], drafts, started, is_chosen=number in chosen)
        for number in sorted(drafts)
    }


def cell_words(source: str, note: str, tasks: set[str]) -> str:
    """What a cell does: its first comment, its code if that is short, else its calls.

    Args:
        source: the text of the cell; "" where none was written.
        note: of its writer; stands before the rest.
        tasks: the names of the modules.
    """
    before = f"[{note}] " if note else ""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    if not lines:
        return _one_line(f"{before}(no cell)")
    comment = lines[0].lstrip("#").strip() if lines[0].startswith("#") else ""
    if comment:
        return _one_line(before + comment)
    code = "; ".join(line for line in lines if not line.startswith("#"))
    called = _calls(source, tasks) if len(lines) > 1 and len(code) > _MOST_WORDS else []
    return _one_line(before + (f"{', '.join(called)}, in {len(lines)} lines" if called else code))


def value_words(raw: bytes) -> str:
    """A value of the trace in words."""
    value = wire.decode(raw)
    return short(round(value, 3) if isinstance(value, float) else value)


def _node(
    number: int,
    draft: _NodeEvents,
    drafts: dict[int, _NodeEvents],
    started: RunStarted,
    *,
    is_chosen: bool,
) -> AttemptNode:
    written, evaluated, valued, answered = (
        draft.written, draft.evaluated, draft.valued, draft.answered
    )  # fmt: skip
    source = written.source if written else ""
    status = evaluated.status if evaluated else "cut off"
    counts = answered is not None and evaluated is not None and evaluated.valid > 0
    problems = list(draft.problems)
    if answered is not None and evaluated is not None and not counts:
        problems.append(
            f"the answer {'is not one of the choices' if started.choices else 'does not count'}"
        )
    answer = value_words(bytes(answered.value)) if answered else ""
    worth = []
    if answered is not None and evaluated is not None:
        worth.append(_reward_words(evaluated))
    if valued is not None:
        worth.append(f"value {valued.value:.2f} in {counted(valued.visits, 'visit')}")
    if draft.calls:
        worth.append(calls_text(draft.calls))
    return AttemptNode(
        number=number,
        parent=_parent(number, evaluated or valued, drafts),
        is_chosen=is_chosen,
        words=cell_words(
            source,
            written.note if written else "",
            {module.task for module in started.modules},
        ),
        source=source,
        status=status,
        outcome=f"answered {clipped(answer, _MOST_ANSWER)}"
        if answered
        else _OUTCOMES.get(status, status),
        kind="good" if counts else _KINDS.get(status, "bad"),
        answer=answer,
        worth=worth,
        problems=problems,
        evidence=shown_evidence(answered, n_videos=len(started.videos)),
        calls=draft.calls,
        n_runs=draft.n_runs,
        reward=evaluated.reward if evaluated else 0.0,
        visits=valued.visits if valued else None,
        value=valued.value if valued else None,
    )


def _parent(
    number: int, told: NodeEvaluated | NodeValued | None, drafts: dict[int, _NodeEvents]
) -> int:
    # A parent is always older: whatever else a damaged trace says leads in circles.
    if told is not None and told.parent < number and told.parent in drafts:
        return told.parent
    return 0


def _refused(draft: _NodeEvents, event: ProgramRefused) -> None:
    for line, text in event.problems:
        text = text.removeprefix(_REFUSED).lstrip()
        draft.problems.append(f"line {line}: {text}" if line else text)


def _failed(draft: _NodeEvents, event: CellFailed) -> None:
    where = f"line {event.line}: " if event.line else ""
    draft.problems.append(f"{where}{event.message}")


def _abstained(draft: _NodeEvents, event: Abstained) -> None:
    draft.problems.append(f"{event.reason} {event.hint}".strip())


def _called(draft: _NodeEvents, event: ModuleCalled) -> None:
    draft.calls[event.how] = draft.calls.get(event.how, 0) + 1


def _ran(draft: _NodeEvents, event: CellStarted) -> None:
    draft.n_runs += 1


def _setter(name: str) -> Callable[[_NodeEvents, Any], None]:
    return lambda draft, event: setattr(draft, name, event)


def _reward_words(evaluated: NodeEvaluated) -> str:
    """A reward and the factors that it is the product of."""
    return (
        f"reward {evaluated.reward:.2f} = valid {_plain(evaluated.valid)} × "
        f"confidence {_plain(evaluated.confidence)} × evidence {_plain(evaluated.evidence)}"
    )


def _one_line(text: str) -> str:
    return clipped(" ".join(text.split()), _MOST_WORDS)


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _calls(source: str, tasks: set[str]) -> list[str]:
    """The modules that a cell calls, and how it ends, each once in their order."""
    try:
        called = Program(source).called
    except ProgramRejectedError:
        return []
    return [name for name in called if name in tasks or name in _ENDS]


TOLD_OF_NODE: dict[type[AnyEvent], Callable[[_NodeEvents, Any], None]] = {
    ProgramWritten: _setter("written"),
    NodeEvaluated: _setter("evaluated"),
    NodeValued: _setter("valued"),
    CellStarted: _ran,
    Answered: _setter("answered"),
    Abstained: _abstained,
    CellFailed: _failed,
    ProgramRefused: _refused,
    ModuleCalled: _called,
}
"""What each kind of event tells of the node that it belongs to."""
