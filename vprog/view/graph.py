"""The flow of data in a run as a graph: from videos over calls and values to the answer.

Nodes are "video:0", "call:7" and "value:0:3:boxes" (cell, line, name), "answer". An edge
says that the second was made from the first: a call from the values named on its line and
from the calls whose results it was given, a value from the calls and values on its line.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vprog.errors import ProgramRejectedError
from vprog.program.program import Program
from vprog.types import Frame, Video, wire
from vprog.view.steps import Step, Story

if TYPE_CHECKING:
    import networkx

_Position = tuple[int, int]
"""Cell and line."""


def build_graph(story: Story) -> networkx.DiGraph:
    """The graph of a run, with `kind`, `text`, `line` and `seconds` on its nodes."""
    import networkx

    graph = networkx.DiGraph()
    for index, opened in enumerate(story.recording.started.videos):
        graph.add_node(f"video:{index}", kind="video", text=opened.path, line=None, seconds=0.0)
    nodes = [(step, node) for step in story.steps if (node := _node(step)) is not None]
    calls: dict[_Position, list[str]] = {}
    values: dict[str, list[_Position]] = {}
    for step, node in nodes:
        graph.add_node(node, kind=step.kind, text=step.text, line=step.line, seconds=step.seconds)
        position = (step.cell, step.line or 0)
        if step.kind == "call":
            calls.setdefault(position, []).append(node)
        elif step.kind == "value":
            values.setdefault(step.name, []).append(position)
    read = _names_by_line(story)
    makers: dict[str, str] = {}
    for step, node in nodes:
        position = (step.cell, step.line or 0)
        for name in read.get(position, ()):
            # What a name held: its last value on a line above, or in an earlier cell.
            above = [line for line in values.get(name, ()) if line < position]
            if above:
                cell, line = max(above)
                graph.add_edge(f"value:{cell}:{line}:{name}", node)
        if step.kind == "call":
            for origin in _origins(step, makers):
                if origin in graph and origin != node:
                    graph.add_edge(origin, node)
            for key in _keys(step.value):
                makers.setdefault(key, node)
        else:
            for call in calls.get(position, ()):
                graph.add_edge(call, node)
    return graph


def _node(step: Step) -> str | None:
    if step.kind == "call":
        return f"call:{step.index}"
    if step.kind == "value":
        return f"value:{step.cell}:{step.line}:{step.name}"
    if step.kind in ("answer", "abstain"):
        return step.kind
    return None


def _origins(step: Step, makers: dict[str, str]) -> set[str]:
    """The nodes whose outputs, or videos, stand among the arguments of a call."""
    origins: set[str] = set()
    for argument in step.arguments.values():
        for key in _keys(argument):
            if key in makers:
                origins.add(makers[key])
        if isinstance(argument, Video):
            origins.add(f"video:{argument.index}")
        elif isinstance(argument, Frame) and not origins:
            origins.add(f"video:{argument.video}")
    return origins


def _keys(value: object) -> set[str]:
    """Keys of the typed values in a value, at any of the first two levels."""
    items = value if isinstance(value, list) else [value]
    return {wire.encode(item).decode() for item in items if hasattr(item, "_fields")}


def _names_by_line(story: Story) -> dict[_Position, set[str]]:
    """The names that each statement reads, under each of its lines."""
    names: dict[_Position, set[str]] = {}
    for cell in story.cells:
        try:
            tree = Program(cell.source).tree
        except ProgramRejectedError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names.setdefault((cell.cell, node.lineno), set()).add(node.id)
    return names
