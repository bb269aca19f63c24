"""A search read out of its trace: nodes, votes, and what ran."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.view.attempts.searches import (
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
    Ballot,
    CellFailed,
    CellStarted,
    NodeChosen,
    NodeValued,
    ProgramRefused,
    Reflected,
    Voted,
)
from vprog.view.attempts.attempt_tree import DEEPEST, SearchTree
from vprog.view.trace import Trace


def test_a_plain_run_has_no_search(tmp_path: Path) -> None:
    search = SearchTree(write(tmp_path / "r", started(), program("x"), answered(1), ended()))
    assert (search.is_search, search.nodes, search.votes) == (False, {}, [])


def test_one_node_alone_is_no_search(tmp_path: Path) -> None:
    assert not SearchTree(write_search(tmp_path / "r", {1: ran(tried(0))}, ended())).is_search


def test_nodes_have_what_came_of_them(tmp_path: Path) -> None:
    search = SearchTree(small_search(tmp_path / "r"))
    nodes = search.nodes
    assert search.is_search
    assert [(node.parent, node.status, node.is_chosen) for node in nodes.values()] == [
        (0, "continues", True), (1, "rejected", False), (1, "answered", True),
        (0, "answered", False),
    ]  # fmt: skip
    assert [node.words for node in nodes.values()] == ["Dogs.", "y = x.colour", "x = 1",
                                                       "answer('cat')"]  # fmt: skip
    assert nodes[1].calls == {"executed": 1, "cached": 1}
    assert nodes[2].problems == ["line 1: no value has it.", "line 2: again"]
    assert (nodes[3].answer, nodes[3].is_answer) == ("'dog'", True)
    assert nodes[3].answered is not None
    assert nodes[3].answered.evidence == [SEEN]
    assert (nodes[2].n_runs, nodes[3].n_runs) == (0, 1)


def test_votes_have_weight_and_share_by_party_winner_first(tmp_path: Path) -> None:
    ballots = [
        Ballot(node=4, party=1, value=raw(3.00004), weight=0.25),
        Ballot(node=1, party=0, value=raw(7), weight=0.5),
        Ballot(node=2, party=0, value=raw(7), weight=0.25),
    ]
    (parties,) = SearchTree(
        write_search(tmp_path / "r", {1: ran(tried(0))}, Voted(ballots=ballots), ended())
    ).votes
    assert [(party.answer, party.weight, party.share, party.nodes) for party in parties] == [
        ("7", 0.75, 0.75, (1, 2)),
        ("3", 0.25, 0.25, (4,)),
    ]


def test_votes_of_no_weight_are_shared_by_their_number(tmp_path: Path) -> None:
    ballots = [
        Ballot(node=each, party=int(each > 1), value=raw(each), weight=0.0) for each in (1, 2, 3)
    ]
    (parties,) = SearchTree(
        write_search(tmp_path / "r", {1: ran(tried(0))}, Voted(ballots=ballots), ended())
    ).votes
    assert [party.share for party in parties] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


@pytest.mark.parametrize(
    ("path", "fates"),
    [([1], ["won", "lost"]), ([2], ["heaviest", "kept"]), ([3], ["won", "lost"])],
)
def test_a_vote_says_what_became_of_its_parties(
    tmp_path: Path, path: list[int], fates: list[str]
) -> None:
    ballots = [Ballot(node=each, party=each - 1, value=raw(each), weight=0.5) for each in (1, 2)]
    nodes = {each: ran(tried(0)) for each in (1, 2, 3)}
    search = SearchTree(
        write_search(tmp_path / "r", nodes, Voted(ballots=ballots), NodeChosen(path=path), ended())
    )
    (parties,) = search.votes
    assert [search.fate(parties, party) for party in parties] == fates


def test_counts_are_those_of_the_trace(tmp_path: Path) -> None:
    counts = SearchTree(small_search(tmp_path / "r")).counts
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
    counts = SearchTree(write_search(tmp_path / "r", nodes, ended())).counts
    assert (counts.runs, counts.runs_again) == (6, 3)
    assert "3 ran again after the same cells" in counts.sentences[0]
    assert "no prefix" not in counts.sentences[0]


def test_nodes_say_why_they_gave_nothing(tmp_path: Path) -> None:
    nodes = {
        1: ran(CellFailed(cell=0, line=2, code="f", message="broke.", hint=""), tried(0, "failed")),
        2: ran(Abstained(cell=0, line=1, reason="too dark", hint="Light."), tried(0, "abstained")),
        3: ran(answer("maybe", MADE_UP), tried(0, "answered", 0.0, 0.0, 0.0)),
        4: [ProgramRefused(cell=0, wall="form", problems=[
            (None, "The program was refused:\nno cell.")]), tried(0, "rejected")],
        5: [written("z = 1")],
    }  # fmt: skip
    search = SearchTree(write_search(tmp_path / "r", nodes, choices=["yes", "no"]))
    assert [node.problems for node in search.nodes.values()] == [
        ["line 2: broke."], ["too dark Light."], ["the answer is not one of the choices"],
        ["no cell."], [],
    ]  # fmt: skip
    assert not search.nodes[3].is_answer
    assert search.nodes[5].status == "cut off"
    assert search.nodes[4].words == "(no cell)"


def test_parents_that_lead_in_circles_are_left_out(tmp_path: Path) -> None:
    nodes = {1: ran(tried(2)), 2: ran(tried(1)), 3: ran(tried(3)), 4: ran(tried(99))}
    search = SearchTree(write_search(tmp_path / "r", nodes, NodeChosen(path=[2, 1, 77]), ended()))
    assert [node.parent for node in search.nodes.values()] == [0, 1, 0, 0]
    assert [each.number for each in search.children(10)[0]] == [1, 3, 4]


def test_children_are_bounded_and_hold_the_chosen_path(tmp_path: Path) -> None:
    nodes = {each: ran(tried(0)) for each in range(1, 30)} | {30: ran(tried(29))}
    search = SearchTree(write_search(tmp_path / "r", nodes, NodeChosen(path=[29, 30]), ended()))
    drawn = search.children(5)
    assert [each.number for each in drawn[0]] == [1, 2, 3, 29]
    assert [each.number for each in drawn[29]] == [30]


def test_children_below_the_deepest_level_stand_behind_their_parent(tmp_path: Path) -> None:
    nodes = {each: ran(tried(each - 1)) for each in range(1, DEEPEST + 4)}
    drawn = SearchTree(write_search(tmp_path / "r", nodes, ended())).children(100)
    assert [each.number for each in drawn[DEEPEST - 1]] == [DEEPEST + each for each in range(4)]
    assert DEEPEST not in drawn


def test_reflections_stand_behind_the_node_before_them(tmp_path: Path) -> None:
    one = Reflected(round=0, sufficient=False, confidence=0.2, text="more")
    search = SearchTree(write_search(tmp_path / "r", {3: ran(tried(0))}, one, ended()))
    assert search.reflections[0][0] == 3
    assert search.reflections[0][1].text == "more"


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
    assert [each for each in tree if tree.nodes[each]["chosen"]] == [1, 3]
    assert len(Trace(write(tmp_path / "p", started(), program("x"), ended())).tree()) == 0


def test_trace_node_gives_the_events_of_one_node(tmp_path: Path) -> None:
    trace = Trace(small_search(tmp_path / "r"))
    assert [type(each).__name__ for each in trace.node(2)] == [
        "ProgramWritten", "ProgramRefused", "NodeEvaluated", "NodeValued",
    ]  # fmt: skip
    assert {each.node for each in trace.node(1)} == {1}
    for wrong in (0, 5, -1):
        with pytest.raises(TraceError, match=f"has 4 nodes, none of them is {wrong}"):
            trace.node(wrong)


def test_values_of_a_tree_search_stand_with_their_nodes(tmp_path: Path) -> None:
    nodes = {1: ran(tried(0)), 2: [NodeValued(parent=1, visits=3, value=0.5)]}
    search = SearchTree(write_search(tmp_path / "r", nodes))
    assert search.nodes[2].parent == 1
    assert search.nodes[2].valued is not None
    assert search.nodes[1].valued is None


def test_a_large_search_is_read_whole(tmp_path: Path) -> None:
    search = SearchTree(large_search(tmp_path / "r", 300))
    assert len(search.nodes) == search.counts.runs == 300
    assert search.counts.runs_again == 0


def test_calls_of_the_story_outside_nodes_are_not_counted(tmp_path: Path) -> None:
    nodes = {1: ran(called(1, 1), tried(0)), 2: ran(tried(0), source="y = 2")}
    search = SearchTree(write_search(tmp_path / "r", nodes, called(1, 1), ended()))
    assert search.counts.calls == {"executed": 1}


def test_search_as_plain_lists_and_dicts(tmp_path: Path) -> None:
    made = json.loads(json.dumps(SearchTree(small_search(tmp_path / "r")).to_jsonable()))
    assert [(each["node"], each["parent"], each["chosen"]) for each in made["nodes"]] == [
        (1, 0, True),
        (2, 1, False),
        (3, 1, True),
        (4, 0, False),
    ]
    assert made["nodes"][1]["status"] == "rejected"
    assert made["counts"]["runs_again"] == 0
    assert [len(each) for each in made["votes"]] == [2]
