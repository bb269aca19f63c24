"""The attempts of a run on the page: whole, escaped, bounded, readable without colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vprog
from tests.steps import steps_of
from tests.view.attempts.written_attempts import (
    answer,
    large_search,
    ran,
    small_search,
    tried,
    write_search,
)
from tests.view.html.test_page import HOSTILE, check_harmless, page
from tests.view.runs import answered, called, ended, program, raw, started, write
from vprog.registry.registry import Registry
from vprog.trace.event import (
    Abstained,
    CellFailed,
    NodeChosen,
    ProgramRefused,
    RecordedBallot,
    RecordedEvidence,
    Reflected,
    Voted,
)
from vprog.trace.store import Recording


def hostile_search(folder: Path) -> Recording:
    """Every text of a search is hostile."""
    seen = RecordedEvidence(video=0, start=1.0, end=2.0, box=None, text=HOSTILE, supported=False)
    nodes = {
        1: ran(tried(0, HOSTILE), source=f"# {HOSTILE}\nx = 1"),
        2: ran(
            CellFailed(cell=0, line=1, code=HOSTILE, message=HOSTILE, hint=HOSTILE),
            tried(0, "failed"), source=HOSTILE,
        ),
        3: [ProgramRefused(cell=0, check=HOSTILE, problems=[(1, HOSTILE), (None, HOSTILE)]),
            tried(0, "rejected")],
        4: ran(called(1, 1, how=HOSTILE), answer(HOSTILE, seen), tried(0, "answered", 1.0, 1, 1)),
        5: ran(Abstained(cell=0, line=1, reason=HOSTILE, hint=HOSTILE), tried(0, "abstained")),
    }  # fmt: skip
    votes = Voted(ballots=[RecordedBallot(node=4, party=7, value=raw(HOSTILE), weight=1.0)])
    said = Reflected(round=0, sufficient=True, confidence=1.0, text=HOSTILE)
    return write_search(folder, nodes, said, votes, NodeChosen(path=[1]), ended(),
                        question=HOSTILE, choices=[HOSTILE, "b"])  # fmt: skip


def test_page_of_a_hostile_search_shows_text_as_text(tmp_path: Path) -> None:
    shown = "".join(check_harmless(page(hostile_search(tmp_path / "run"))).text)
    assert shown.count("<script>alert(1)</script>") >= 12


def test_page_of_a_plain_run_has_no_attempts(tmp_path: Path) -> None:
    text = page(write(tmp_path / "run", started(), program("x"), answered(1), ended()))
    assert '<section class="attempts">' not in text
    assert ">Attempts<" not in text


def test_page_tells_nodes_votes_and_counts(tmp_path: Path) -> None:
    seen = check_harmless(page(small_search(tmp_path / "run")))
    shown = " ".join("".join(seen.text).split())
    for words in (
        "4 nodes: 3 cells ran, 1 refused before that; no prefix ran twice",
        "2 module calls (1 executed, 1 cached).", "Dogs.", "leads to the result",
        "line 1: no value has it.", "line 2: again", "y = x.colour",
        "reward 0.80 = valid 1 × confidence 0.8 × evidence 1", "value 0.40 in 2 visits",
        "answered 'cat'", "0:07 a cat (no module's output supports this)",
        "'dog'won0.80 94%30:02-0:03 a dog", "'cat'lost0.05 6%40:07 a cat",
        "cell 0, node 1",
    ):  # fmt: skip
        assert words in shown
    assert "Refused before it ran" not in shown
    names = [tag for tag, _ in seen.tags]
    assert names.count("details") == 3  # the lost and the refused one, and the calls of line 1
    lists = [attributes for tag, attributes in seen.tags if tag == "li" and "class" in attributes]
    assert [item["class"] for item in lists] == ["chosen", "other", "chosen", "other"]


def test_page_draws_the_tree_once_per_node(tmp_path: Path) -> None:
    seen = check_harmless(page(small_search(tmp_path / "run")))
    classes = [attributes.get("class") for _, attributes in seen.tags]
    assert classes.count("path chosen") == 2
    assert classes.count("path") == 2
    nodes = [cls for cls in classes if cls is not None and re.match("node ", cls)]
    assert sorted(nodes) == ["node bad", "node good", "node good chosen", "node open chosen"]
    (drawing,) = [attributes for _, attributes in seen.tags if attributes.get("class") == "map"]
    assert drawing["aria-label"] == "tree of 4 nodes; the list below tells each"


@pytest.mark.slow
def test_page_of_300_nodes_with_long_cells_is_bounded_and_quick(tmp_path: Path) -> None:
    recording = large_search(tmp_path / "run", 300, "y = '" + "z" * 9000 + "'", "w" * 3000)
    pages: list[str] = []
    assert steps_of(lambda: pages.append(page(recording))) < 20_000_000
    (text,) = pages
    assert len(text) < 800_000
    assert "100 more nodes stand in the trace." in text
    assert "more answers stand in the trace." in text
    check_harmless(text)


def test_page_of_deep_attempts_is_a_list_without_a_drawing(tmp_path: Path) -> None:
    nodes = {number: ran(tried(number - 1)) for number in range(1, 150)}
    text = page(write_search(tmp_path / "run", nodes, ended()))
    seen = check_harmless(text)
    assert not any(attributes.get("class") == "map" for _, attributes in seen.tags)
    assert "(after 148) x = 1" in text


def test_page_of_attempts_without_a_result(tmp_path: Path) -> None:
    nodes = {1: ran(tried(0)), 2: ran(tried(1))}
    shown = "".join(check_harmless(page(write_search(tmp_path / "run", nodes))).text)
    assert "The run was cut off" in shown
    assert "2 nodes: 2 cells ran; no prefix ran twice." in shown
    assert "leads to the result" not in shown


@pytest.mark.usefixtures("home")
def test_page_names_files_without_their_folders(clip: Path, registry: Registry) -> None:
    result = vprog.run(clip, "answer(1)", registry=registry)
    text = result.trace.to_html()
    assert clip.name in text
    assert str(clip.parent) not in text
