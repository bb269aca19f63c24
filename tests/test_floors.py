"""Who may import whom: a file imports lower floors, or files listed earlier in its folder."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS: dict[str, int] = {
    "errors": 0,
    "version": 0,
    "types": 1,
    "config": 1,
    "models": 2,
    "media": 2,
    "registry": 2,
    "boundary": 2,
    "trace": 2,
    "llm": 3,
    "program": 3,
    "rules": 3,
    "prompt": 3,
    "sandbox": 4,
    "execute": 5,
    "testing": 5,
    "view": 6,
    "runs": 6,
    "strategies": 6,
    "replays": 7,
    "evaluation": 7,
    "solver": 8,
    "cli": 9,
    "__main__": 10,
}
MODULES_MAY = {"types", "registry", "errors", "media", "models", "llm"}


def _sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> list[str]:
    """The modules that a file names in its imports, wherever in the file they stand."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.extend(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append(node.module)
            found.extend(f"{node.module}.{name.name}" for name in node.names)
    return found


def _part(module: str) -> str | None:
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "vprog" and len(pieces) > 1 and pieces[1] in FLOORS else None


def wrong_imports(path: Path, part: str) -> list[str]:
    """The imports of a file of vprog/ that go up or sideways."""
    wrong = []
    for module in _imports(path):
        target = _part(module)
        if target is None or target == part:
            continue
        if list(FLOORS).index(target) > list(FLOORS).index(part):
            wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    return wrong


def test_floors_no_file_imports_up_or_sideways() -> None:
    wrong: list[str] = []
    for path in _sources("vprog"):
        part = path.relative_to(ROOT / "vprog").parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        assert part in FLOORS, f"{path}: which floor does {part} stand on?"
        wrong.extend(wrong_imports(path, part))
    assert wrong == []


def test_floors_vprog_never_imports_the_modules_package() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in _sources("vprog")
        for module in _imports(path)
        if module.split(".")[0] == "vprog_modules"
    ]
    assert wrong == []


def _is_module(pieces: list[str]) -> bool:
    """Whether a file of the modules package holds a module's class, not what several share."""
    path = ROOT / "modules" / Path(*pieces).with_suffix(".py")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return "\n@implements(" in text or "\n@module(" in text


def test_floors_modules_import_only_what_they_may_and_never_each_other() -> None:
    wrong: list[str] = []
    for path in _sources("modules/vprog_modules"):
        for module in _imports(path):
            pieces = module.split(".")
            if pieces[0] == "vprog" and len(pieces) > 1 and pieces[1] in FLOORS:
                if pieces[1] not in MODULES_MAY:
                    wrong.append(f"{path.name} imports {module}")
            elif pieces[0] == "vprog_modules" and _is_module(pieces):
                wrong.append(f"{path.name} imports {module}")
    assert wrong == []


def test_floors_files_of_a_folder_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in _sources("vprog"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        graph[name] = set()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                graph[name].add(node.module)
                graph[name].update(f"{node.module}.{name.name}" for name in node.names)
    graph = {name: {each for each in to if each in graph and each != name}
             for name, to in graph.items()}  # fmt: skip
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name in done:
            return
        for each in sorted(graph[name]):
            visit(each, (*path, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("heavy", ["torch", "transformers", "cv2", "av", "numpy", "rich", "openai"])
def test_floors_heavy_packages_are_imported_where_they_are_used(heavy: str) -> None:
    wrong = []
    for path in [*_sources("vprog"), *_sources("modules/vprog_modules")]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            if any(name.split(".")[0] == heavy for name in names):
                wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_floors_check_finds_a_planted_import_up(tmp_path: Path) -> None:
    planted = ROOT / "vprog" / "types" / "geometry.py"
    text = "from vprog.solver.solver import solve\n" + planted.read_text(encoding="utf-8")
    copy = tmp_path / "geometry.py"
    copy.write_text(text, encoding="utf-8")
    found = [module for module in _imports(copy) if _part(module) == "solver"]
    assert found
    assert FLOORS["solver"] >= FLOORS["types"]
