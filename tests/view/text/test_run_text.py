"""A run on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.view.html.test_page import hostile_events
from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import CellFailed, Printed, RecordedEvidence, StepValue
from vprog.trace.store import Recording
from vprog.view.text.run_text import open_console, print_run
from vprog.view.trace import Trace


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
