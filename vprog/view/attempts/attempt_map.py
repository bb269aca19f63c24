"""The tree of a search as a small drawing: who follows whom, and which way led to the result."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from vprog.view.attempts.attempt_nodes import Node
from vprog.view.attempts.attempt_tree import SearchTree
from vprog.view.words import clean, clipped

_RADIUS = 12.0
_LEVEL = 46.0
_DEEPEST = 16
_WIDE, _NARROW = 74.0, 30.0
_MOST_WIDE = 24
_LETTERS = 10
_MARGIN = 20.0


def search_map(search: SearchTree, most: int) -> str:
    """The tree as SVG, at most so many nodes.

    First cells hang from the start, at the top. A node's number stands in it; below a leaf
    its answer, where there is room. "" for a tree so deep that its list tells more.
    """
    drawn = search.children(most, deepest=_DEEPEST)
    nodes = {each.number: each for each in _walk(drawn)}
    if any(each.parent != under for under, below in drawn.items() for each in below):
        return ""
    leaves = [node for node in nodes if node not in drawn]
    pitch = _WIDE if len(leaves) <= _MOST_WIDE else _NARROW
    across: dict[int, float] = {
        each: _MARGIN + pitch * (place + 0.5) for place, each in enumerate(leaves)
    }
    above = {child.number: number for number, under in drawn.items() for child in under}
    down: dict[int, float] = {0: 0.0}
    for number in nodes:  # parents come before those under them
        down[number] = down[above[number]] + 1
    down = {number: _MARGIN + _LEVEL * each for number, each in down.items()}
    for number in (*reversed(list(nodes)), 0):
        under = [across[child.number] for child in drawn.get(number, [])]
        if under:
            across[number] = (under[0] + under[-1]) / 2
    width = 2 * _MARGIN + pitch * max(1, len(leaves))
    height = max(down.values()) + _MARGIN + 2 * _RADIUS
    edges = [
        _edge(across[above[each]], down[above[each]], across[each], down[each],
              nodes[each].is_chosen)
        for each in sorted(nodes, key=lambda each: nodes[each].is_chosen)
    ]  # fmt: skip
    circles = [
        _circle(node, across[each], down[each], named=each not in drawn and pitch == _WIDE)
        for each, node in nodes.items()
    ]
    return (
        f'<svg class="map" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="tree of {len(nodes)} nodes; '
        f'the list below tells each">'
        f"{''.join(edges)}"
        f'<circle class="root" cx="{across[0]:.1f}" cy="{down[0]:.1f}" r="5"/>'
        f"{''.join(circles)}</svg>"
    )


def _walk(drawn: dict[int, list[Node]]) -> Iterator[Node]:
    """Each node before those under it."""
    waiting = list(reversed(drawn.get(0, [])))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(drawn.get(node.number, [])))


def _edge(x0: float, y0: float, x1: float, y1: float, is_chosen: bool) -> str:
    middle = (y0 + y1) / 2
    kind = "way chosen" if is_chosen else "way"
    return (
        f'<path class="{kind}" d="M{x0:.1f} {y0:.1f}C{x0:.1f} {middle:.1f} '
        f'{x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"/>'
    )


def _circle(node: Node, x: float, y: float, *, named: bool) -> str:
    title = escape(clean(clipped(f"{node.number}: {node.words}", 120)))
    kind = f"node {node_kind(node)}{' chosen' if node.is_chosen else ''}"
    label = ""
    if named:
        said = node.answer if node.answered is not None else _STATUS.get(node.status, node.status)
        label = (
            f'<text class="said" x="{x:.1f}" y="{y + _RADIUS + 13:.1f}">'
            f"{escape(clean(clipped(said, _LETTERS)))}</text>"
        )
    return (
        f'<g class="{kind}"><title>{title}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}">{node.number}</text>{label}</g>'
    )


_STATUS = {"continues": "", "rejected": "refused"}


def node_kind(node: Node) -> str:
    """How a node is coloured: by what came of it."""
    if node.is_answer:
        return "good"
    return {"continues": "open", "answered": "warm", "abstained": "warm"}.get(node.status, "bad")
