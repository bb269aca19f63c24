"""docs/papers.md names only what exists, and counts what it lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from vprog.cli import worlds
from vprog.cli.main import cli
from vprog.evaluation import metrics
from vprog.evaluation.arms import ARMS
from vprog.evaluation.loaders import suites
from vprog.program import prelude
from vprog.program.allowed_syntax import PROGRAM_ENDS
from vprog.registry.discover import discover
from vprog.strategies.catalog import strategies

PAGE = Path(__file__).resolve().parent.parent / "docs" / "papers.md"
BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
NO_NAME = {"NAME", "MODEL", "hf:MODEL"}
"""What stands for a name where the page explains how names are written."""


class PaperRow(NamedTuple):
    paper: str
    here: str
    not_here: str
    published: str


def _rows(text: str) -> list[PaperRow]:
    """The rows of all tables, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [PaperRow(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]
    return [row for row in rows if row.paper != "Paper"]


def _is_command(words: list[str]) -> bool:
    """Whether words are a command, then options of it."""
    command: click.Command | None = cli
    while words and isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    return command is not None and not words


def _is_option(option: str) -> bool:
    """Whether a command that answers questions, or makes them, has the option."""
    commands = [cli.get_command(click.Context(cli), name) for name in ("solve", "eval")]
    commands.append(worlds.command.get_command(click.Context(worlds.command), "make"))
    return any(
        option in parameter.opts
        for command in commands
        if command is not None
        for parameter in command.params
    )


@cache
def _callable() -> set[str]:
    """The tasks and helpers that programs call."""
    helpers = {function.name for function in prelude.signatures()}
    return helpers | set(PROGRAM_ENDS) | set(discover().tasks)


FORMS: dict[str, Callable[[str], bool]] = {
    r"vprog ([a-z ]+)": lambda words: _is_command(words.split()),
    r"--strategy (\w+)": lambda name: name in strategies(),
    r"--suite (\w+)": lambda name: name in suites(),
    r"--arms ([a-z_,]+)": lambda names: set(names.split(",")) <= ARMS.keys(),
    r"(--[a-z-]+)(?: hf:MODEL)?": _is_option,
    r"metrics\.(\w+)": lambda name: name in metrics.__all__,
    r"python -m benchmarks\.(\w+)": lambda name: (BENCHMARKS / f"{name}.py").is_file(),
    r"(\w+)\(\)": lambda name: name in _callable(),
    r"(vprog\.evaluation\.metrics)": lambda name: name == metrics.__name__,
}


def unknown_names(text: str) -> list[str]:
    """What stands in back quotes and is none of the forms, or names what there is not."""
    unknown = []
    for quoted in re.findall(r"`([^`]+)`", text):
        for form, exists in FORMS.items():
            match = re.fullmatch(form, quoted)
            if match is not None:
                if not (match[1] in NO_NAME or exists(match[1])):
                    unknown.append(quoted)
                break
        else:
            unknown.append(quoted)
    return unknown


def test_papers_page_names_only_what_exists() -> None:
    assert unknown_names(PAGE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "gone",
    ["vprog auditt", "vprog trace shows", "--strategy mcts", "--suite v_stars",
     "--slowest", "metrics.tac", "segments()", "zoom"],
)  # fmt: skip
def test_papers_page_would_be_told_what_is_gone(gone: str) -> None:
    assert unknown_names(f"by `{gone}`, and `vprog audit`") == [gone]


def test_papers_page_counts_what_it_lists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = _rows(text)
    nothing = [row for row in rows if row.here == "nothing"]
    compared = [row for row in rows if row.published != "none"]
    said = [int(count) for count in re.findall(r"\*\*(\d+)\*\*", text)]
    assert said == [len(rows) - len(nothing), len(nothing), len(compared)]
    assert f"of {len(rows)} papers" in text
    assert len({row.paper for row in rows}) == len(rows)


def test_papers_page_says_by_what_each_paper_is_here() -> None:
    rows = _rows(PAGE.read_text(encoding="utf-8"))
    assert [row.paper for row in rows if not re.search(r", 20\d\d$", row.paper)] == []
    assert [row.paper for row in rows if row.here != "nothing" and "`" not in row.here] == []
    assert [row.paper for row in rows if not row.not_here] == []


def test_papers_page_gives_a_loader_with_each_figure() -> None:
    rows = _rows(PAGE.read_text(encoding="utf-8"))
    figures = [figure for row in rows for figure in row.published.split("; ")]
    without = [figure for figure in figures if figure != "none" and "`--suite " not in figure]
    assert without == []
