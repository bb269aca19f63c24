from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vprog.errors import ConfigError, RegistrationError
from vprog.strategies.catalog import DEFAULT, find_strategy, strategies
from vprog.strategies.strategy import Strategy

README = Path(__file__).resolve().parents[2] / "README.md"
TWICE = """
from vprog.strategies.program import solve as program
from vprog.strategies.strategy import strategy

@strategy("{name}", "two programs, the surer one is kept")
def solve(workspace):
    return program(workspace)
"""


class Shelf:
    """A folder of packages that Python finds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def install(self, package: str, text: str, target: str = "") -> None:
        """A package with one file and one entry in the group of strategies."""
        (self._folder / f"{package}.py").write_text(text, encoding="utf-8")
        info = self._folder / f"{package}-1.0.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text(f"Name: {package}\nVersion: 1.0\n", encoding="utf-8")
        info.joinpath("entry_points.txt").write_text(
            f"[vprog.strategies]\n{package} = {target or package}\n", encoding="utf-8"
        )
        strategies.cache_clear()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield Shelf(tmp_path)
    for name in set(sys.modules) - before:
        del sys.modules[name]
    strategies.cache_clear()


def test_every_strategy_has_a_name_and_a_line() -> None:
    assert next(iter(strategies())) == DEFAULT
    for name, strategy in strategies().items():
        assert find_strategy(name) is strategy
        assert strategy.name == name
        assert 0 < len(strategy.summary) <= 60
        assert "Source:" in (strategy.solve.__doc__ or "")


def test_the_readme_lists_every_strategy() -> None:
    table = (
        README.read_text(encoding="utf-8")
        .partition("| strategy | what it does")[2]
        .partition("\n\n")[0]
    )
    first = [row.split("|")[1] for row in table.split("\n")[2:]]
    assert set(re.findall(r"`(\w+)`", " ".join(first))) == set(strategies())


def test_the_page_of_costs_has_every_strategy() -> None:
    page = (README.parent / "docs" / "look_costs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert {*rows, "thought_vote"} == set(strategies())  # that one needs an encoder of pictures


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(ConfigError, match='Did you mean "tree"'):
        find_strategy("Tre")


@pytest.mark.parametrize(("package", "target"), [("by_file", ""), ("by_name", "by_name:solve")])
def test_a_package_adds_a_strategy(shelf: Shelf, package: str, target: str) -> None:
    shelf.install(package, TWICE.format(name="twice"), target)
    twice = find_strategy("twice")
    assert isinstance(twice, Strategy)
    assert twice.asks_writer
    assert list(strategies())[-1] == "twice"


@pytest.mark.parametrize(
    ("package", "text", "message"),
    [
        ("takes_a_name", TWICE.format(name="zoom"), r'two .* "zoom": of vprog.strategies.zoom and'),
        ("does_not_load", "1 / 0", "of does_not_load 1.0 does not load: ZeroDivisionError"),
        ("declares_none", "x = 1", "of declares_none 1.0: declares_none declares none"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(
    shelf: Shelf, package: str, text: str, message: str
) -> None:
    shelf.install(package, text)
    with pytest.raises(RegistrationError, match=message):
        strategies()


def test_names_are_listed_without_heavy_packages() -> None:
    code = (
        "import sys; from vprog.strategies.catalog import strategies; strategies(); "
        "print(*{'numpy', 'av', 'cv2', 'torch', 'openai', 'PIL', 'rich'} & set(sys.modules))"
    )
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (listed.returncode, listed.stdout.strip()) == (0, "")
