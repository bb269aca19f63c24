"""Who may import whom: the contracts of pyproject.toml, and what their tool cannot say."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the `vprog` in a folder, under the contracts beside it."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()",
         "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "modules"))),
             "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )  # fmt: skip


def test_floors_contracts_are_kept() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_floors_contracts_see_the_package_root_type_checking_imports_and_circles(
    tmp_path: Path,
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "vprog", tmp_path / "vprog", ignore=shutil.ignore_patterns("*.pyc"))
    planted = {
        "types/time.py": "if TYPE_CHECKING:\n    from vprog.solver.solver import solve\n",
        "media/run_file.py": "from vprog import version\nimport vprog\n",
        "trace/event.py": "def late():\n    from vprog.trace import recorder\n",
        "runs/run.py": "import vprog_modules\n",
        "extra.py": "",
    }
    for name, text in planted.items():
        path = tmp_path / "vprog" / name
        own = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{own}\n{text}", encoding="utf-8")
    linted = lint_imports(tmp_path)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    words = " ".join(linted.stdout.split())
    assert "vprog.types is not allowed to import vprog.solver" in words
    assert "vprog.media.run_file is not allowed to import vprog:" in words
    assert "vprog is not allowed to import vprog_modules" in words
    assert "no circles inside the folders of vprog/ BROKEN" in words
    assert "not listed as layers: - vprog.extra" in words


def _is_module(pieces: list[str]) -> bool:
    """Whether a file of the modules package holds a module's class, not what several share."""
    path = ROOT / "modules" / Path(*pieces).with_suffix(".py")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return "\n@implements(" in text or "\n@module(" in text


def _imports(path: Path) -> list[str]:
    """The modules that a file names in its imports, wherever in the file they stand."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.append(node.module)
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_floors_modules_never_import_each_other() -> None:
    wrong = [
        f"{path.name} imports {name}"
        for path in sorted((ROOT / "modules" / "vprog_modules").rglob("*.py"))
        for name in _imports(path)
        if name.startswith("vprog_modules.") and _is_module(name.split("."))
    ]
    assert wrong == []


@pytest.mark.parametrize("heavy", ["torch", "transformers", "cv2", "av", "numpy", "rich", "openai"])
def test_floors_heavy_packages_are_imported_where_they_are_used(heavy: str) -> None:
    wrong = []
    for folder in (ROOT / "vprog", ROOT / "modules" / "vprog_modules"):
        for path in folder.rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names.append(node.module)
                if any(name.split(".")[0] == heavy for name in names):
                    wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
