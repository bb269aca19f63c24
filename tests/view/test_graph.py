"""The flow of data in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

import vprog
from vprog.registry.registry import Registry

pytestmark = pytest.mark.usefixtures("home")


def test_graph_leads_from_the_video_over_calls_and_values_to_the_answer(
    clip: Path, registry: Registry
) -> None:
    import networkx

    graph = vprog.run(
        clip,
        "frame = frame_at(video, 0.5)\nfound = find_square(frame)\nunused = find_halves(video)\n"
        "answer(len(found), evidence=found)",
        registry=registry,
    ).trace.graph()
    kinds = networkx.get_node_attributes(graph, "kind")
    assert sorted(kinds.values()) == ["answer", "call", "call", "call", "value", "value", "value",
                                      "video"]  # fmt: skip
    assert networkx.has_path(graph, "video:0", "answer")
    calls = [node for node in graph if kinds[node] == "call"]
    (call,) = [node for node in calls if graph.nodes[node]["line"] == 2]
    assert graph.has_edge("value:0:1:frame", call)
    assert graph.has_edge(call, "value:0:2:found")
    assert graph.has_edge("value:0:2:found", "answer")
    assert not networkx.has_path(graph, "value:0:3:unused", "answer")
    assert networkx.is_directed_acyclic_graph(graph)


def test_graph_of_a_program_that_was_refused_has_only_its_video(clip: Path) -> None:
    graph = vprog.run(clip, "answer(").trace.graph()
    assert list(graph) == ["video:0"]
