"""The example of tree search runs, and its committed page shows what it does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "search_a_tree"
PAGE = FOLDER / "search_a_tree.html"


def attempts_of(page: str) -> str:
    """The section that shows the attempts: it holds no times of the run."""
    return page[page.index('<section class="attempts">') : page.index("<h2>Program</h2>")]


def words_of(page: str) -> str:
    """The text of a page and of the attributes that people hear, without its style."""
    words: list[str] = []

    class Words(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            words.extend(value or "" for name, value in attrs if name in ("title", "aria-label"))

        def handle_data(self, data: str) -> None:
            words.append(data)

    Words().feed(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    return " ".join(" ".join(words).split())


def run_example(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(FOLDER / "search_a_tree.py"), *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(item for item in sys.path if item),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_search_a_tree_draws_the_tree_of_the_committed_page(
    tmp_path: Path, media_dir: Path
) -> None:
    video = media_dir / "clips" / "tree.avi"
    ended = run_example(tmp_path, str(video), "page.html")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[1] == "answer: 23.533"  # the hand comes in between 23.13 and 23.53 s
    path = [line for line in lines if ", chosen)" in line]
    assert [text.split(" (")[0] for text in path] == ["node 1", "node 3", "node 4"]
    assert lines[-3].startswith(
        "11 nodes: 10 cells ran, 1 refused before that; no prefix ran twice"
    )
    assert lines[-2] == "3 module calls (2 executed, 1 cached)."
    made = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert attempts_of(made) == attempts_of(PAGE.read_text(encoding="utf-8"))


def test_the_committed_page_is_small_and_names_no_place_of_the_machine_that_made_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    words = words_of(page)
    assert len(page) < 300_000
    assert "tree.avi" in words
    assert "scripted:replies.txt" in words
    assert re.findall(r"(?:^|[\s:='\"(])[/~]\w", words) == []
    assert (
        'content="default-src &#39;none&#39;' in page
    )  # its own scripts alone, and nothing from elsewhere
    assert set(re.findall(r"https?:[^\s\"']*", page)) <= {"http://www.w3.org/2000/svg"}


def test_the_readme_tells_what_the_page_shows() -> None:
    words = words_of(PAGE.read_text(encoding="utf-8"))
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "11 nodes: 10 cells ran" in words
    assert "11 nodes, 10 cells ran; 12 would have" in readme
    assert "(12 cells, had every path begun anew)" in words
    assert "OpenCV (Apache-2.0" in readme


def test_search_a_tree_says_where_its_video_is_to_be_had(tmp_path: Path) -> None:
    ended = run_example(tmp_path, "missing.avi")
    assert ended.returncode == 1
    assert "missing.avi: no such video. Name the file" in ended.stderr
    assert "Traceback" not in ended.stderr
