"""Which events of a recording tell how its result came about, where there were attempts.

A strategy may try many cells; each event carries the node it belongs to. The story of the
answer is the path that was chosen; the other nodes stay in the recording.
"""

from __future__ import annotations

from collections.abc import Sequence

from vprog.trace.event import AnyEvent, NodeChosen, NodeEvaluated


def chosen_events(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    """The events of the chosen path and those of no node, in their order.

    Of a run that was cut off before it chose, the path of the last attempt.
    """
    path = chosen_path(events)
    return [event for event in events if event.node == 0 or event.node in path]


def chosen_path(events: Sequence[AnyEvent]) -> list[int]:
    """The nodes that led to the result, first cell first; [] where there were no attempts."""
    for event in reversed(events):
        if isinstance(event, NodeChosen):
            return event.path
    parents = {event.node: event.parent for event in events if isinstance(event, NodeEvaluated)}
    node = max((event.node for event in events), default=0)
    path: list[int] = []
    while node and node not in path:  # a damaged trace may lead in circles
        path.append(node)
        node = parents.get(node, 0)
    return path[::-1]
