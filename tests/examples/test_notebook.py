"""The notebook runs from top to bottom and shows what its committed outputs show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _texts(notebook: Any) -> list[str]:
    """The plain text of every output, cell by cell; what is printed may come in pieces."""
    found: list[str] = []
    for cell in notebook.cells:
        before = ""
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if before == output.output_type == "stream":
                found[-1] += text
            else:
                found.append(text)
            before = output.output_type
    return found


@pytest.mark.filterwarnings("ignore")  # of the kernel's packages, not ours
def test_notebook_runs_and_its_outputs_are_those_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("pandas")
    monkeypatch.setenv("VPROG_TRACE_DIR", str(tmp_path / "traces"))
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    committed = nbformat.read(EXAMPLES / "explore_a_trace.ipynb", 4)
    notebook = nbformat.read(EXAMPLES / "explore_a_trace.ipynb", 4)
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": EXAMPLES}}
    ).execute()
    assert _texts(notebook) == _texts(committed)
    pages = [
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert any('class="vprog"' in page and "<script" not in page for page in pages)
