"""Whether two recordings say the same, bit for bit, and where they part first.

What differs between any two runs of the same work is left out: times, costs, folders, and
whether a call was computed or found in a cache. Events are compared node by node, in the
order in which each node wrote them: programs that ran side by side may have taken turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from vprog.trace.event import (
    Abstained,
    Answered,
    AnyEvent,
    CellFailed,
    CellStarted,
    LlmCalled,
    ModuleCalled,
    NodeChosen,
    NodeTried,
    NodeValued,
    Printed,
    ProgramRefused,
    ProgramWritten,
    Reflected,
    RunEnded,
    RunStarted,
    Scored,
    StepValue,
    Voted,
    Weighed,
)
from vprog.trace.store import Recording

_COMPARED = (
    RunStarted, ProgramWritten, ProgramRefused, CellStarted, ModuleCalled, StepValue, Printed,
    LlmCalled, Answered, Abstained, CellFailed, NodeTried, NodeValued, Reflected, Voted,
    Weighed, NodeChosen, Scored, RunEnded,
)  # fmt: skip
_RESULT = (
    "status", "answer", "choice", "score", "confidence", "evidence", "path", "program", "error",
)  # fmt: skip
_VOLATILE = frozenset(
    {"at", "seconds", "id", "how", "frames_decoded", "tokens_in", "tokens_out"}
)  # fmt: skip


@dataclass(frozen=True)
class Parting:
    """The first place at which two recordings differ.

    Attributes:
        node: of the search; 0 where there was none.
        one: the event of the first recording; None where it had ended.
        other: that of the second; None likewise.
        fields: the names of what differs; () where one of them is None, or their kinds differ.
    """

    node: int
    one: AnyEvent | None
    other: AnyEvent | None
    fields: tuple[str, ...] = ()


def first_parting(one: Recording, other: Recording) -> Parting | None:
    """Where two recordings part first, in the order of the first; None if they are equal."""
    ours, theirs = _by_node(one.events), _by_node(other.events)
    found: list[tuple[int, Parting]] = []
    for node in sorted({*ours, *theirs}):
        parting = _part(node, ours.get(node, []), theirs.get(node, []))
        if parting is not None:
            found.append((_position(one, parting), parting))
    return min(found, key=lambda each: each[0])[1] if found else None


def _position(one: Recording, parting: Parting) -> int:
    """Where in the first recording; its end for what it does not have."""
    if parting.one is None:
        return len(one.events)
    return next(at for at, each in enumerate(one.events) if each is parting.one)


def _by_node(events: Iterable[AnyEvent]) -> dict[int, list[AnyEvent]]:
    nodes: dict[int, list[AnyEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, _COMPARED):
            nodes[event.node].append(event)
    return nodes


def _part(node: int, ours: list[AnyEvent], theirs: list[AnyEvent]) -> Parting | None:
    for mine, its in zip(ours, theirs, strict=False):
        if type(mine) is not type(its):
            return Parting(node, mine, its)
        left, right = content(mine), content(its)
        if left != right:
            differing = tuple(name for name in left if left[name] != right.get(name))
            return Parting(node, mine, its, differing)
    longer = max(len(ours), len(theirs))
    at = min(len(ours), len(theirs))
    if at == longer:
        return None
    return Parting(
        node, ours[at] if at < len(ours) else None, theirs[at] if at < len(theirs) else None
    )


def content(event: AnyEvent) -> dict[str, Any]:
    """What of an event two runs of the same work have in common; values as their JSON bytes."""
    if isinstance(event, RunStarted):
        return {
            "question": event.question,
            "choices": event.choices,
            "videos": [(video.content_hash, video.video) for video in event.videos],
        }
    if isinstance(event, RunEnded):
        result: dict[str, Any] = msgspec.json.decode(event.result)
        return {name: msgspec.json.encode(result.get(name)) for name in _RESULT}
    return {
        name: bytes(value) if isinstance(value, msgspec.Raw) else value
        for name in event.__struct_fields__
        if name not in _VOLATILE
        for value in (getattr(event, name),)
    }
