"""The pages of docs/reference are what the code says now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_docs_reference_is_current() -> None:
    # A process of its own: other tests offer commands and backends that no user has.
    check = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_docs_name_only_files_that_exist(page: str) -> None:
    root = DOCS.parent
    text = (root / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", text)
    homes = (root, root / "vprog")
    missing = [path for path in named if not any((home / path).exists() for home in homes)]
    assert missing == []
