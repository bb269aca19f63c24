"""A run and its attempts on a terminal and in a pipe."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.view.attempts.written_attempts import ran, small_search, tried, write_search
from tests.view.html.test_attempts_page import hostile_search
from tests.view.html.test_page import HOSTILE, hostile_events
from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import CellFailed, Printed, RecordedEvidence, Reflected, StepValue
from vprog.trace.store import Recording
from vprog.view.attempts.attempt_tree import AttemptTree
from vprog.view.explored_trace import Trace
from vprog.view.run_text import open_console, print_attempts, print_run


def printed(
    recording: Recording, width: int = 100, *, terminal: bool = False, calls: bool = False
) -> str:
    held = io.StringIO()
    console = open_console(held)
    console.width = width
    console._force_terminal = terminal  # type: ignore[attr-defined]
    print_run(Trace(recording).model, console, calls=calls)
    return held.getvalue()


@pytest.mark.parametrize("width", [10, 40, 200])
def test_text_of_hostile_words_at_any_width(tmp_path: Path, width: int) -> None:
    recording = write(tmp_path / "r", *hostile_events())  # type: ignore[arg-type]
    text = printed(recording, width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x00" not in text
    assert "<script>" in text


def test_text_in_a_pipe_keeps_lines_whole_and_a_terminal_wraps_them(tmp_path: Path) -> None:
    recording = write(tmp_path / "r", started(question="word " * 50), program("x"), ended())
    assert max(map(len, printed(recording, 40).splitlines())) == 250
    assert max(len(line) for line in printed(recording, 40, terminal=True).splitlines()) < 60


def test_text_has_cells_values_prints_and_what_went_wrong(tmp_path: Path) -> None:
    recording = (
        write(
            tmp_path / "r", started(choices=["a", "b"]), program("x = 1", note="read as: how many"),
            program("y = [bold]", cell=1), called(1, [1, 2]), called(1, [1, 2]),
            StepValue(cell=0, line=1, name="x", type="int", length=None, text="1"),
            Printed(cell=0, text="hello"),
            CellFailed(cell=1, line=1, code="failed", message="broke.", hint="Mend it."),
            ended("failed", answer=None, error={"message": "broke.", "hint": "Mend it."}),
        )
    )  # fmt: skip
    text = printed(recording)
    for words in (
        "  A. a", "read as: how many", "cell 1", "y = [bold]", "x = 1", "printed: hello",
        "2 calls (2 executed), 0.02 s", "failed: broke. Mend it.", "The program failed",
        "  broke.", "  Mend it.",
    ):  # fmt: skip
        assert words in text
    assert printed(recording, calls=True).count("detect/D(") == 2
    assert text.count("detect/D(") == 1


def test_text_of_an_answer_names_evidence_and_cost(tmp_path: Path) -> None:
    evidence = [RecordedEvidence(video=0, start=1.0, end=2.0, box=None, text="x", supported=False)]
    recording = write(
        tmp_path / "r", started(), program("x"), answered(5, evidence), ended(answer=5)
    )
    text = printed(recording)
    assert "answer: 5" in text
    assert "evidence: 0:01-0:02 x (no module's output supports this)" in text
    assert "1.00 s, 3 frames decoded, 1 call (1 executed, 1 cached, 1 joined)" in text


def drawn(recording: Recording, width: int, *, terminal: bool, encoding: str = "utf-8") -> str:
    held = io.BytesIO()
    file = io.TextIOWrapper(held, encoding=encoding, write_through=True)
    console = open_console(file)
    console.width = width
    console.no_color = True
    console._force_terminal = terminal  # type: ignore[attr-defined]
    attempts = AttemptTree(recording).model
    assert attempts is not None
    print_attempts(attempts, console)
    return held.getvalue().decode(encoding).replace("\x1b[1m", "").replace("\x1b[0m", "")


SMALL = """\
attempts (* leads to the result)
├╴1* Dogs.
│ │  goes on; value 0.40 in 2 visits; 2 calls (1 executed, 1 cached)
│ ├╴2 y = x.colour
│ │    refused: line 1: no value has it. (and 1 more)
│ │    value 0.00 in 1 visit
│ └╴3* x = 1
│      answered 'dog'
│      reward 0.80 = valid 1 × confidence 0.8 × evidence 1; value 0.80 in 1 visit
└╴4 answer('cat')
     answered 'cat'
     reward 0.05 = valid 1 × confidence 0.5 × evidence 0.1; value 0.05 in 1 visit
vote (2 answers)
  won 'dog': weight 0.80, 94%, node 3
  lost 'cat': weight 0.05, 6%, node 4
       node 4: evidence 0:07 a cat (no module's output supports this)
4 nodes: 3 cells ran, 1 refused before that; no prefix ran twice (4 cells, had every path begun anew).
2 module calls (1 executed, 1 cached).
Requests to the language model: 4 to write a cell.

"""  # noqa: E501


def test_search_in_a_pipe_keeps_lines_whole(tmp_path: Path) -> None:
    assert drawn(small_search(tmp_path / "r"), 60, terminal=False) == SMALL


def test_search_on_a_terminal_of_60_columns_wraps_under_its_branches(tmp_path: Path) -> None:
    lines = drawn(small_search(tmp_path / "r"), 60, terminal=True).replace("\x1b[2m", "")
    assert max(map(len, lines.splitlines())) <= 60
    assert "│      reward 0.80 = valid 1 × confidence 0.8 × evidence 1;\n│      value 0.80" in lines
    assert " ".join(lines.replace("│", "").split()) == " ".join(SMALL.replace("│", "").split())


def test_search_where_only_ascii_is_written_has_ascii_branches(tmp_path: Path) -> None:
    nodes = {1: ran(tried(0)), 2: ran(tried(1)), 3: ran(tried(0))}
    text = drawn(write_search(tmp_path / "r", nodes), 80, terminal=False, encoding="ascii")
    assert "attempts\n|-1 x = 1\n| |  goes on\n| `-2 x = 1\n|      goes on\n`-3 x = 1\n" in text


@pytest.mark.parametrize("width", [1, 10, 60])
@pytest.mark.parametrize("terminal", [True, False])
def test_search_of_hostile_words_at_any_width(tmp_path: Path, width: int, terminal: bool) -> None:
    text = drawn(hostile_search(tmp_path / "r"), width, terminal=terminal)
    assert HOSTILE not in text
    assert "\u202e" not in text
    assert "\x1b[31m" not in text
    assert "\x00" not in text


def test_search_says_what_was_reflected(tmp_path: Path) -> None:
    said = Reflected(round=0, sufficient=False, confidence=0.2, text="count the\nsquares")
    nodes = {1: ran(tried(0)), 2: ran(tried(1))}
    text = drawn(write_search(tmp_path / "r", nodes, said), 80, terminal=False)
    assert "reflection after node 2: not sufficient, confidence 0.20: count the squares\n" in text


def test_a_deep_search_names_the_parents_it_does_not_draw(tmp_path: Path) -> None:
    nodes = {number: ran(tried(number - 1)) for number in range(1, 40)}
    text = drawn(write_search(tmp_path / "r", nodes), 60, terminal=True)
    assert "39 (after 38) x = 1" in text
    assert max(map(len, text.replace("\x1b[2m", "").splitlines())) <= 60


def test_a_search_of_500_nodes_is_bounded(tmp_path: Path) -> None:
    nodes = {number: ran(tried(0)) for number in range(1, 501)}
    text = drawn(write_search(tmp_path / "r", nodes), 60, terminal=False)
    assert "\n300 more nodes stand in the trace\n" in text
    assert "200 x = 1" in text


def test_text_of_a_search_stands_before_the_chosen_program(tmp_path: Path) -> None:
    text = printed(small_search(tmp_path / "r"), 200)
    assert text.index("attempts (*") < text.index("cell 0, node 1") < text.index("answer: 1")
