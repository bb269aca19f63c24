"""The gallery of the documentation: its questions are about clips that are there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture(scope="module")
def gallery() -> Any:
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_gallery_has_six_questions_on_clips_of_the_repository(gallery: Any) -> None:
    names = [exhibit.name for exhibit in gallery.EXHIBITS]
    assert len(set(names)) == 6
    assert all((gallery.MEDIA / exhibit.clip).is_file() for exhibit in gallery.EXHIBITS)


def test_gallery_shows_what_is_answered_with_a_page_that_plays(
    gallery: Any, tmp_path: Path
) -> None:
    motion = next(exhibit for exhibit in gallery.EXHIBITS if exhibit.name == "motion")
    gallery.write_gallery([motion], tmp_path / "gallery.md", tmp_path / "pages")
    text = (tmp_path / "gallery.md").read_text(encoding="utf-8")
    page = (tmp_path / "pages" / "motion.html").read_text(encoding="utf-8")
    assert "## When does it move the most?" in text
    assert "<b>26.17</b>" in text
    assert 'src="gallery/motion.html"' in text
    assert "data:video/" in page
