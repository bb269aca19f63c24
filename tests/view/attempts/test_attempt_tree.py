"""The attempts of a run read out of its trace: nodes, votes, and what ran."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.view.attempts.written_attempts import (
    MADE_UP,
    SEEN,
    answer,
    large_search,
    ran,
    small_search,
    tried,
    write_search,
    written,
)
from tests.view.runs import answered, called, ended, program, raw, started, write
from vprog.errors import TraceError
from vprog.trace.event import (
    Abstained,
    CellFailed,
    CellStarted,
    LlmCalled,
    NodeChosen,
    NodeValued,
    ProgramRefused,
    RecordedBallot,
    Reflected,
    ReliabilityRated,
    TraceEvent,
    Voted,
)
from vprog.view.attempts.attempt_nodes import TOLD_OF_NODE
from vprog.view.attempts.attempt_tree import DEEPEST, AttemptTree, shown_children
from vprog.view.explored_trace import Trace
from vprog.view.model import AttemptNode


def children(tree: AttemptTree, most: int) -> dict[int, list[AttemptNode]]:
    assert tree.model is not None
    return shown_children(tree.model, most)


def test_a_plain_run_has_no_search(tmp_path: Path) -> None:
    tree = AttemptTree(write(tmp_path / "r", started(), program("x"), answered(1), ended()))
    assert (tree.model, tree.nodes, tree.votes) == (None, {}, [])


def test_one_node_alone_is_no_search(tmp_path: Path) -> None:
    tree = AttemptTree(write_search(tmp_path / "r", {1: ran(tried(0))}, ended()))
    assert tree.model is None


def test_nodes_have_what_came_of_them(tmp_path: Path) -> None:
    tree = AttemptTree(small_search(tmp_path / "r"))
    nodes = tree.nodes
    assert tree.model is not None
    assert [(node.parent, node.status, node.is_chosen) for node in nodes.values()] == [
        (0, "continues", True), (1, "rejected", False), (1, "answered", True),
        (0, "answered", False),
    ]  # fmt: skip
    assert [node.words for node in nodes.values()] == ["Dogs.", "y = x.colour", "x = 1",
                                                       "answer('cat')"]  # fmt: skip
    assert nodes[1].calls == {"executed": 1, "cached": 1}
    assert nodes[2].problems == ["line 1: no value has it.", "line 2: again"]
    assert (nodes[3].answer, nodes[3].kind) == ("'dog'", "good")
    assert [item.text for item in nodes[3].evidence] == [SEEN.text]
    assert (nodes[2].n_runs, nodes[3].n_runs) == (0, 1)


def test_votes_have_weight_and_share_by_party_winner_first(tmp_path: Path) -> None:
    ballots = [
        RecordedBallot(node=4, party=1, value=raw(3.00004), weight=0.25),
        RecordedBallot(node=1, party=0, value=raw(7), weight=0.5),
        RecordedBallot(node=2, party=0, value=raw(7), weight=0.25),
    ]
    (groups,) = AttemptTree(
        write_search(tmp_path / "r", {1: ran(tried(0))}, Voted(ballots=ballots), ended())
    ).votes
    assert [(group.answer, group.weight, group.share, group.nodes) for group in groups] == [
        ("7", 0.75, 0.75, [1, 2]),
        ("3", 0.25, 0.25, [4]),
    ]


def test_votes_of_no_weight_are_shared_by_their_number(tmp_path: Path) -> None:
    ballots = [
        RecordedBallot(node=node, party=int(node > 1), value=raw(node), weight=0.0)
        for node in (1, 2, 3)
    ]
    (groups,) = AttemptTree(
        write_search(tmp_path / "r", {1: ran(tried(0))}, Voted(ballots=ballots), ended())
    ).votes
    assert [group.share for group in groups] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


@pytest.mark.parametrize(
    ("path", "fates"),
    [([1], ["won", "lost"]), ([2], ["heaviest", "kept"]), ([3], ["won", "lost"])],
)
def test_a_vote_says_what_became_of_its_parties(
    tmp_path: Path, path: list[int], fates: list[str]
) -> None:
    ballots = [
        RecordedBallot(node=node, party=node - 1, value=raw(node), weight=0.5) for node in (1, 2)
    ]
    nodes = {number: ran(tried(0)) for number in (1, 2, 3)}
    tree = AttemptTree(
        write_search(tmp_path / "r", nodes, Voted(ballots=ballots), NodeChosen(path=path), ended())
    )
    (groups,) = tree.votes
    assert [group.fate for group in groups] == fates


def test_counts_are_those_of_the_trace(tmp_path: Path) -> None:
    counts = AttemptTree(small_search(tmp_path / "r")).counts
    assert (counts.nodes, counts.refused, counts.runs, counts.runs_again) == (4, 1, 3, 0)
    assert counts.cells_on_paths == 4  # 1; 1, 3; 4
    assert counts.calls == {"executed": 1, "cached": 1}
    assert counts.sentences == [
        "4 nodes: 3 cells ran, 1 refused before that; no prefix ran twice (4 cells, had every "
        "path begun anew).",
        "2 module calls (1 executed, 1 cached).",
        "Requests to the language model: 4 to write a cell.",
    ]


def test_counts_say_so_where_a_prefix_ran_twice(tmp_path: Path) -> None:
    nodes = {
        1: ran(tried(0), source="a = 1"),
        2: ran(tried(1), source="b = 2"),
        3: ran(tried(0), source="a = 1  # the same"),
        4: ran(tried(3), source="b = 2"),
        5: [*ran(source="c = 3"), CellStarted(cell=0), tried(0)],
    }
    counts = AttemptTree(write_search(tmp_path / "r", nodes, ended())).counts
    assert (counts.runs, counts.runs_again) == (6, 3)
    assert "3 ran again after the same cells" in counts.sentences[0]
    assert "no prefix" not in counts.sentences[0]


def test_nodes_say_why_they_gave_nothing(tmp_path: Path) -> None:
    nodes = {
        1: ran(CellFailed(cell=0, line=2, code="f", message="broke.", hint=""), tried(0, "failed")),
        2: ran(Abstained(cell=0, line=1, reason="too dark", hint="Light."), tried(0, "abstained")),
        3: ran(answer("maybe", MADE_UP), tried(0, "answered", 0.0, 0.0, 0.0)),
        4: [ProgramRefused(cell=0, check="form", problems=[
            (None, "The program was refused:\nno cell.")]), tried(0, "rejected")],
        5: [written("z = 1")],
    }  # fmt: skip
    tree = AttemptTree(write_search(tmp_path / "r", nodes, choices=["yes", "no"]))
    assert [node.problems for node in tree.nodes.values()] == [
        ["line 2: broke."], ["too dark Light."], ["the answer is not one of the choices"],
        ["no cell."], [],
    ]  # fmt: skip
    assert tree.nodes[3].kind == "warm"
    assert tree.nodes[5].status == "cut off"
    assert tree.nodes[4].words == "(no cell)"


def test_parents_that_lead_in_circles_are_left_out(tmp_path: Path) -> None:
    nodes = {1: ran(tried(2)), 2: ran(tried(1)), 3: ran(tried(3)), 4: ran(tried(99))}
    tree = AttemptTree(write_search(tmp_path / "r", nodes, NodeChosen(path=[2, 1, 77]), ended()))
    assert [node.parent for node in tree.nodes.values()] == [0, 1, 0, 0]
    assert [node.number for node in children(tree, 10)[0]] == [1, 3, 4]


def test_children_are_bounded_and_hold_the_chosen_path(tmp_path: Path) -> None:
    nodes = {number: ran(tried(0)) for number in range(1, 30)} | {30: ran(tried(29))}
    tree = AttemptTree(write_search(tmp_path / "r", nodes, NodeChosen(path=[29, 30]), ended()))
    drawn = children(tree, 5)
    assert [node.number for node in drawn[0]] == [1, 2, 3, 29]
    assert [node.number for node in drawn[29]] == [30]


def test_children_below_the_deepest_level_stand_behind_their_parent(tmp_path: Path) -> None:
    nodes = {number: ran(tried(number - 1)) for number in range(1, DEEPEST + 4)}
    drawn = children(AttemptTree(write_search(tmp_path / "r", nodes, ended())), 100)
    assert [node.number for node in drawn[DEEPEST - 1]] == [DEEPEST + below for below in range(4)]
    assert DEEPEST not in drawn


def test_reflections_stand_behind_the_node_before_them(tmp_path: Path) -> None:
    one = Reflected(round=0, sufficient=False, confidence=0.2, text="more")
    tree = AttemptTree(write_search(tmp_path / "r", {3: ran(tried(0))}, one, ended()))
    assert [(judged.after_node, judged.text) for judged in tree.reflections] == [(3, "more")]


def test_trace_tree_is_a_graph_of_the_nodes(tmp_path: Path) -> None:
    import networkx

    trace = Trace(small_search(tmp_path / "r"))
    tree = trace.tree()
    assert networkx.is_branching(tree)
    assert sorted(tree.edges) == [(1, 2), (1, 3)]
    assert tree.nodes[3] == {
        "source": "x = 1", "status": "answered", "reward": 0.8, "visits": 1, "value": 0.8,
        "answer": "'dog'", "calls": {}, "chosen": True,
    }  # fmt: skip
    assert [number for number in tree if tree.nodes[number]["chosen"]] == [1, 3]
    assert len(Trace(write(tmp_path / "p", started(), program("x"), ended())).tree()) == 0


def test_trace_node_gives_the_events_of_one_node(tmp_path: Path) -> None:
    trace = Trace(small_search(tmp_path / "r"))
    assert [type(event).__name__ for event in trace.node(2)] == [
        "ProgramWritten", "ProgramRefused", "NodeEvaluated", "NodeValued",
    ]  # fmt: skip
    assert {event.node for event in trace.node(1)} == {1}
    for wrong in (0, 5, -1):
        with pytest.raises(TraceError, match=f"has 4 nodes, none of them is {wrong}"):
            trace.node(wrong)


def test_values_of_a_tree_search_stand_with_their_nodes(tmp_path: Path) -> None:
    nodes = {1: ran(tried(0)), 2: [NodeValued(parent=1, visits=3, value=0.5)]}
    tree = AttemptTree(write_search(tmp_path / "r", nodes))
    assert tree.nodes[2].parent == 1
    assert (tree.nodes[2].visits, tree.nodes[2].value) == (3, 0.5)
    assert (tree.nodes[1].visits, tree.nodes[1].value) == (None, None)


def test_a_large_search_is_read_whole(tmp_path: Path) -> None:
    tree = AttemptTree(large_search(tmp_path / "r", 300))
    assert len(tree.nodes) == tree.counts.runs == 300
    assert tree.counts.runs_again == 0


def test_calls_of_the_story_outside_nodes_are_not_counted(tmp_path: Path) -> None:
    nodes = {1: ran(called(1, 1), tried(0)), 2: ran(tried(0), source="y = 2")}
    tree = AttemptTree(write_search(tmp_path / "r", nodes, called(1, 1), ended()))
    assert tree.counts.calls == {"executed": 1}


def test_attempts_as_plain_lists_and_dicts(tmp_path: Path) -> None:
    shown = json.loads(json.dumps(Trace(small_search(tmp_path / "r")).to_dict()))["attempts"]
    assert [(node["number"], node["parent"], node["is_chosen"]) for node in shown["nodes"]] == [
        (1, 0, True),
        (2, 1, False),
        (3, 1, True),
        (4, 0, False),
    ]
    assert shown["nodes"][1]["status"] == "rejected"
    assert shown["runs_again"] == 0
    assert [len(groups) for groups in shown["votes"]] == [2]


@pytest.mark.parametrize("kind", TraceEvent.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_that_is_shown_among_the_attempts_is_read(kind: type) -> None:
    told = {*TOLD_OF_NODE, LlmCalled, Reflected, Voted, NodeChosen, ReliabilityRated}
    assert (kind in told) == ("attempts" in kind.shown_in)
