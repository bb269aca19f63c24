"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asking import (  # noqa: F401
    ask,
    cache_folder,
    clip,
    home,
    other_clip,
    registry,
    runtime,
)

ROOT = Path(__file__).resolve().parent.parent
MEDIA = ROOT.parent / "shared" / "media"


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """Real videos, sound and text with known truth; tests that need them skip without."""
    if not MEDIA.is_dir():
        pytest.skip("the shared media are not beside the project")
    return MEDIA
