"""Progress below a cell: in a real kernel, whose loop runs while vprog does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vprog.trace.event import TraceEvent
from vprog.view.notebook_progress import progress_in_notebook

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CELL = """
import asyncio
import vprog
from vprog.view import notebook_progress

asyncio.get_running_loop()  # raises where none runs
notebook_progress._FIRST_AFTER_S = notebook_progress._EVERY_S = -1.0
result = vprog.solve("demo.mp4", "Which way does the red thing move?")
result.answer, (await vprog.asolve("demo.mp4", "How many shots are there?")).status.value
"""
AWAITED = """
import vprog
from vprog.view import notebook_progress

notebook_progress._FIRST_AFTER_S = notebook_progress._EVERY_S = -1.0
(await vprog.asolve("demo.mp4", "Which way does the red thing move?")).answer
"""
MANY = """
import vprog
from vprog.view import notebook_progress

notebook_progress._FIRST_AFTER_S = notebook_progress._EVERY_S = -1.0
questions = ("How many shots are there?", "How long is the video?")
cases = [{"video": "demo.mp4", "question": question} for question in questions]
sorted(result.status.value for _, result in vprog.solve_many(cases))
"""


@pytest.mark.filterwarnings("ignore")  # of the kernel's packages, not ours
@pytest.mark.parametrize(
    ("cell", "line", "last"),
    [
        (CELL, "line 4: track_colour, 1 call (", "('right', 'answered')"),
        (AWAITED, "line 4: track_colour, 1 call (", "'right'"),
        (MANY, "1 of 2 questions answered (", "['answered', 'answered']"),
    ],
    ids=["solve", "asolve", "solve_many"],
)
def test_cell_shows_how_far_its_runs_are_and_clears_it(
    cell: str, line: str, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    shown: list[tuple[str, str]] = []

    class Watched(nbclient.NotebookClient):  # type: ignore[misc]
        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            if msg["msg_type"] in ("display_data", "update_display_data"):
                shown.append((msg["msg_type"], msg["content"]["data"]["text/plain"]))
            return super().process_message(msg, cell, cell_index)

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    Watched(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": EXAMPLES}}
    ).execute()
    kinds = [kind for kind, _ in shown]
    n_lines = kinds.count("display_data")
    assert kinds[0] == "display_data"
    assert n_lines == (2 if cell == CELL else 1)  # one for each call that a cell makes
    assert any(text.startswith(line) for _, text in shown)
    assert shown[-1][1] == ""
    assert notebook.cells[0].outputs[-1].data["text/plain"] == last


def test_listener_of_the_caller_is_left_alone_and_nothing_is_shown_outside_a_notebook() -> None:
    heard: list[TraceEvent] = []
    with progress_in_notebook(heard.append) as listener:
        assert listener == heard.append
    with progress_in_notebook(None) as listener:
        assert listener is None
