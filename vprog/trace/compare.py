"""Whether two recordings agree, bit for bit, and where they differ first.

What differs between any two runs of the same work is left out: times, costs, folders, and
whether a call was computed or found in a cache; vprog.trace.event says so of each event.
Events are compared node by node, in the order in which each node wrote them: programs that
ran side by side may have taken turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from vprog.trace.event import AnyEvent
from vprog.trace.store import Recording


@dataclass(frozen=True)
class FirstDifference:
    """The first event in which two recordings differ.

    Attributes:
        node: the attempt that it belongs to; 0 where there was none.
        one: the event of the first recording; None where it had ended.
        other: that of the second; None likewise.
        fields: the names of what differs; () where one of them is None, or their kinds differ.
    """

    node: int
    one: AnyEvent | None
    other: AnyEvent | None
    fields: tuple[str, ...] = ()


def first_difference(one: Recording, other: Recording) -> FirstDifference | None:
    """Where two recordings differ first, in the order of the first; None if they are equal."""
    left, right = _by_node(one.events), _by_node(other.events)
    differences = [
        difference
        for node in sorted({*left, *right})
        if (difference := _of_node(node, left.get(node, []), right.get(node, []))) is not None
    ]
    return min(differences, key=lambda difference: _position(one, difference), default=None)


def _position(one: Recording, difference: FirstDifference) -> int:
    """Where in the first recording; its end for what it does not have."""
    if difference.one is None:
        return len(one.events)
    return next(i for i, event in enumerate(one.events) if event is difference.one)


def _by_node(events: Iterable[AnyEvent]) -> dict[int, list[AnyEvent]]:
    nodes: dict[int, list[AnyEvent]] = defaultdict(list)
    for event in events:
        if event.is_compared:
            nodes[event.node].append(event)
    return nodes


def _of_node(node: int, ones: list[AnyEvent], others: list[AnyEvent]) -> FirstDifference | None:
    for one, other in zip(ones, others, strict=False):
        if type(one) is not type(other):
            return FirstDifference(node, one, other)
        left, right = one.content(), other.content()
        if left != right:
            fields = tuple(name for name in left if left[name] != right.get(name))
            return FirstDifference(node, one, other, fields)
    n_common = min(len(ones), len(others))
    if len(ones) == len(others):
        return None
    return FirstDifference(
        node,
        ones[n_common] if n_common < len(ones) else None,
        others[n_common] if n_common < len(others) else None,
    )
