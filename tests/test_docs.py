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


OTHERS = {
    "vprog.toml": "a user's settings",
    "longest.py": "a program of a user, in README.md",
    "evaluate_reasoning.py": "of Video-Holmes",
    "evaluate_vas.py": "of Video-R2",
    "benchmark_check.py": "of VideoLISA",
    "inference_demo.py": "of V-STaR-Bench",
}
"""Files of that name that are not of this repository."""


def test_docs_and_docstrings_name_files_by_names_that_they_have() -> None:
    root = DOCS.parent
    ours = [root / "vprog", root / "modules", root / "docs"]
    pages = [root / "README.md", root / "ARCHITECTURE.md", root / "CONTRIBUTING.md"]
    texts = [
        path for folder in ours for path in folder.rglob("*") if path.suffix in (".py", ".md")
    ] + pages
    known = {path.name for folder in (*ours, root / "tests", root / "benchmarks")
             for path in folder.rglob("*.*")} | {"pyproject.toml"}  # fmt: skip
    missing = {
        f"{path.relative_to(root)}: {name}"
        for path in texts
        if path.name != "changelog.md" and "_build" not in path.parts
        for name in re.findall(
            r"(?<![\w/.<-])([a-z]\w*\.(?:py|toml))\b", path.read_text(encoding="utf-8")
        )
        if name not in known | OTHERS.keys()
    }
    assert missing == set()
