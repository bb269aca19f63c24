"""Which events of a recording tell how its result came about, where several were tried.

A search tries many cells; each event carries the node it belongs to. The story of the
answer is the path that was chosen; the other nodes stay in the recording.
"""

from __future__ import annotations

from collections.abc import Sequence

from vprog.trace.event import AnyEvent, NodeChosen, NodeTried


def chosen_events(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """The events of the chosen path and those of no node, in their order.

    Of a search that was cut off before it chose, the path of the node tried last.
    """
    path = chosen_path(events)
    return [each for each in events if each.node == 0 or each.node in path]


def chosen_path(events: Sequence[AnyEvent]) -> list[int]:
    """The nodes that led to the result, first cell first; [] where nothing was searched."""
    for event in reversed(events):
        if isinstance(event, NodeChosen):
            return event.path
    parents = {each.node: each.parent for each in events if isinstance(each, NodeTried)}
    at = max((each.node for each in events), default=0)
    path: list[int] = []
    while at and at not in path:
        path.append(at)
        at = parents.get(at, 0)
    return path[::-1]
