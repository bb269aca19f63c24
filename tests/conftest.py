"""Fixtures shared by all tests."""

from __future__ import annotations

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
from tests.real_media import MediaFolder


@pytest.fixture(scope="session")
def media_dir() -> MediaFolder:
    """Real videos, sound and text with known truth: see real_media.py."""
    return MediaFolder()
