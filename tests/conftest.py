"""Fixtures shared by all tests, and which of them are quick."""

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
from tests.real_media import MediaFolder

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def media_dir() -> MediaFolder:
    """Real videos, sound and text with known truth: see real_media.py."""
    return MediaFolder()


NOT_QUICK = (
    "cli/test_audit.py",
    "cli/test_calibrate.py",
    "cli/test_main.py",
    "cli/test_modules.py",
    "cli/test_replay.py",
    "cli/test_run.py",
    "examples/test_notebook.py",
    "examples/test_scripts.py",
)
"""Files of tests that take seconds: processes of their own, real models, long clips."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `quick` what is not listed above."""
    for item in items:
        if item.path.relative_to(HERE).as_posix() not in NOT_QUICK:
            item.add_marker("quick")
