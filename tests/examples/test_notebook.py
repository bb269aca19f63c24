"""The notebook runs from top to bottom and shows what its committed outputs show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM, browser

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _texts(notebook: Any) -> list[str]:
    """The plain text of every output, cell by cell; what is printed may come in pieces."""
    found: list[str] = []
    for cell in notebook.cells:
        before = ""
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if not text:  # progress that was shown and cleared
                continue
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
    assert any('sandbox="allow-scripts' in page and "vprog-plain" in page for page in pages)


@pytest.mark.filterwarnings("ignore")  # of nbconvert's packages, not ours
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
def test_notebook_as_a_page_of_nbconvert_keeps_its_views(tmp_path: Path) -> None:
    nbconvert = pytest.importorskip("nbconvert")
    exporter = nbconvert.HTMLExporter(require_js_url="", mathjax_url="")
    page, _ = exporter.from_filename(str(EXAMPLES / "explore_a_trace.ipynb"))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    with browser(tmp_path / "profile") as tab:
        tab.open((tmp_path / "page.html").as_uri())
        assert tab.value("frames.length") == 3  # one run, then two side by side
        hidden = (
            "[...document.querySelectorAll('.vprog-plain')].map(e => getComputedStyle(e).display)"
        )
        assert tab.value(hidden) == ["none", "none"]
        assert not [url for url in tab.requests if "unpkg" in url]
