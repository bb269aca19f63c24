"""Where the nodes of the attempts stand in their drawing: who follows whom, what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vprog.view.attempts.attempt_tree import shown_children
from vprog.view.model import AttemptNode, Attempts
from vprog.view.words import clipped

_RADIUS = 12.0
_LEVEL = 46.0
_DEEPEST = 16
_WIDE, _NARROW = 74.0, 30.0
_MOST_WIDE = 24
_LETTERS = 10
_MARGIN = 20.0
_MOST_TITLE = 120


class DrawnEdge(NamedTuple):
    """A curve from a node to one that was tried after it."""

    path: str
    is_chosen: bool


class DrawnNode(NamedTuple):
    """A node as a circle with its number."""

    node: AttemptNode
    x: float
    y: float
    title: str
    label: str
    """Below a leaf, where there is room; else ""."""


class AttemptLayout(NamedTuple):
    """A tree ready to draw: first cells hang from the start, at the top."""

    width: str
    height: str
    start: tuple[float, float]
    edges: list[DrawnEdge]
    """Those of the chosen path last, over the others."""
    nodes: list[DrawnNode]
    radius: float = _RADIUS


def attempt_layout(attempts: Attempts, most: int) -> AttemptLayout | None:
    """The tree, at most so many nodes; None for one so deep that its list tells more."""
    drawn = shown_children(attempts, most, deepest=_DEEPEST)
    if any(node.parent != under for under, below in drawn.items() for node in below):
        return None
    nodes = {node.number: node for node in _walk(drawn)}
    leaves = [number for number in nodes if number not in drawn]
    pitch = _WIDE if len(leaves) <= _MOST_WIDE else _NARROW
    across = {number: _MARGIN + pitch * (index + 0.5) for index, number in enumerate(leaves)}
    above = {child.number: number for number, under in drawn.items() for child in under}
    level = {0: 0}
    for number in nodes:  # parents come before those under them
        level[number] = level[above[number]] + 1
    for number in (*reversed(list(nodes)), 0):
        under = [across[child.number] for child in drawn.get(number, [])]
        if under:
            across[number] = (under[0] + under[-1]) / 2
    down = {number: _MARGIN + _LEVEL * depth for number, depth in level.items()}
    return AttemptLayout(
        f"{2 * _MARGIN + pitch * max(1, len(leaves)):g}",
        f"{max(down.values()) + _MARGIN + 2 * _RADIUS:g}",
        (round(across[0], 1), down[0]),
        [
            DrawnEdge(
                _curve(across[above[number]], down[above[number]], across[number], down[number]),
                nodes[number].is_chosen,
            )
            for number in sorted(nodes, key=lambda number: nodes[number].is_chosen)
        ],
        [
            DrawnNode(
                node,
                round(across[number], 1),
                down[number],
                clipped(f"{number}: {node.words}", _MOST_TITLE),
                _label(node) if number not in drawn and pitch == _WIDE else "",
            )
            for number, node in nodes.items()
        ],
    )


def _walk(drawn: dict[int, list[AttemptNode]]) -> Iterator[AttemptNode]:
    """Each node before those under it."""
    waiting = list(reversed(drawn.get(0, [])))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(drawn.get(node.number, [])))


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    middle = (y0 + y1) / 2
    return f"M{x0:.1f} {y0:.1f}C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"


def _label(node: AttemptNode) -> str:
    if node.status == "continues":
        return ""
    return clipped(node.answer or node.outcome, _LETTERS)
