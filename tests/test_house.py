"""Bars of the house: names, files, words and clocks. Each test lists what breaks its bar.

A number that is not yet where it should be stands as an upper bound that may only fall.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import NOT_QUICK

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("vprog", "modules")

SEAMS = {
    "vprog.__main__",
    "vprog.cli.trace",  # the commands below `vprog trace`, as main.py has those below `vprog`
    "vprog.media.file_readers",  # the readers of frames, by the name that the settings give
    "vprog_modules.vlm.vlm_module",  # the backends, by the kind of VLM
}
"""Files that hold a table of others, one line each."""

DECLARES = re.compile(
    r"^(@strategy\(|FAMILY = RuleFamily\(|FORMAT = ExportFormat\()", flags=re.MULTILINE
)
"""The lines by which a strategy, a rule family or a format makes itself known: its folder finds
it."""

FILES_OF_ONE_USER = 39
SHARED_FILE_NAMES = 9
CLASS_NAMES_TWICE = 0
LOOPS_OF_EACH = {"vprog modules": 0.02, "tests benchmarks examples": 0.02}
PRIVATE_WORDS = 0
WALL_CLOCK = 0


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


class _Source(NamedTuple):
    """What the bars ask of a file. Each entry has its line."""

    classes: list[tuple[str, int]]  # public, at the top of the file
    loop_variables: list[tuple[str, int]]
    imports: frozenset[str]
    prose: list[tuple[str, int]]  # docstrings, help and messages: the texts of several words
    wall_clock_asserts: list[int]


@cache
def _read(path: Path) -> _Source:
    """The file, parsed and walked once for all bars; its tree would be large to keep."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    return _Source(
        [
            (node.name, node.lineno)
            for node in tree.body
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        ],
        [
            (name.id, name.lineno)
            for node in nodes
            if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
            for name in ast.walk(node.target)
            if isinstance(name, ast.Name)
        ],
        _imports(nodes),
        list(_prose(path, nodes)),
        wall_clock_asserts(nodes) if path.is_relative_to(ROOT / "tests") else [],
    )


def _where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def _module(path: Path) -> str:
    """The dotted name that imports use for a file."""
    pieces = path.relative_to(ROOT).with_suffix("").parts
    pieces = pieces[1:] if pieces[0] == "modules" else pieces
    return ".".join(pieces).removesuffix(".__init__")


# Names


def test_house_a_public_class_name_means_one_thing_in_vprog() -> None:
    homes: dict[str, list[str]] = {}
    for path in _files("vprog"):
        for name, line in _read(path).classes:
            homes.setdefault(name, []).append(_where(path, line))
    twice = {name: places for name, places in homes.items() if len(places) > 1}
    assert len(twice) <= CLASS_NAMES_TWICE, twice


def test_house_file_names_are_unique_but_for_a_few() -> None:
    homes: dict[str, list[str]] = {}
    for path in _files(*SOURCES):
        if not path.name.startswith("__"):
            homes.setdefault(path.name, []).append(str(path.parent.relative_to(ROOT)))
    shared = {name: folders for name, folders in homes.items() if len(folders) > 1}
    assert len(shared) <= SHARED_FILE_NAMES, shared


@pytest.mark.parametrize("folders", LOOPS_OF_EACH)
def test_house_loop_variables_have_the_noun_of_their_item(folders: str) -> None:
    names = [
        (name, _where(path, line))
        for path in _files(*folders.split())
        for name, line in _read(path).loop_variables
    ]
    places = [place for name, place in names if name == "each"]
    assert len(places) / len(names) <= LOOPS_OF_EACH[folders], (len(places), len(names), places)


# Files


def _imports(nodes: list[ast.AST]) -> frozenset[str]:
    """All that a file imports, wherever in it."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
            names.add(node.module)
    return frozenset(names)


def _is_read_by_name(path: Path) -> bool:
    """Whether a file beside it reads it as a file, to run in a process of its own."""
    quoted = re.compile(rf"""['"]{re.escape(path.name)}['"]""")
    return any(
        quoted.search(beside.read_text(encoding="utf-8")) for beside in path.parent.glob("*.py")
    )


def test_house_few_files_are_used_by_exactly_one_other() -> None:
    """What one file alone uses belongs into it, unless it is a subject of its own.

    What a seam finds (a strategy, a kind of language model, a rule family, the command itself) is
    left out; so is the work of a command, which stands below `vprog/cli/` even where one command
    alone calls it; so is what an `__init__` file makes public: its users import the package,
    so that their imports do not name the file; and so is a program that is read as a file and
    runs in a process of its own.
    """
    files = {_module(path): path for path in _files(*SOURCES)}
    users: dict[str, list[str]] = {}
    for user, path in files.items():
        for name in _read(path).imports & files.keys():
            users.setdefault(name, []).append(user)
    single = sorted(
        f"{name} (by {by[0]})"
        for name, by in users.items()
        if len(by) == 1
        and by[0] not in SEAMS
        and not by[0].startswith("vprog.cli.")
        and "__init__.py" not in (files[by[0]].name, files[name].name)
        and not DECLARES.search(files[name].read_text(encoding="utf-8"))
        and not _is_read_by_name(files[name])
    )
    assert len(single) <= FILES_OF_ONE_USER, single


# Words

PRIVATE: dict[str, str] = {
    r"models? that (looks?|sees?)|no model looks|lookers?|who looks": "VLM, vision-language model",
    r"(the|an|this|of|one) asked(?! (for|question|of))|asked: ": "run",
    r"(a|the|each|every|one|first|last|another) tr(y|ied)|"
    r"(its|all|several|earlier|the|of) tries": "attempt",
    r"walls?(?![- ]clock| behind)": "check, isolation layer",
    r"the machine": "VM, interpreter; the computer, the host",
    r"borders?(?![-:\w])": "boundary",
    r"cues?": "subtitle",
    r"stretch(es)?": "span",
    r"slack": "tolerance",
    r"(a|the|nth|each|every|of|until|its|several) draws?(?! on| from)|draws that": "sample",
    r"kept results?": "cached results",
    r"(the|a|each|nearly equal) readings?(?! order)|readings": "interpretation, parse, transcript",
    r"models? said": "reply",
    r"stated confidence": "self-reported confidence",
    r"nearness": "similarity",
    r"weighing|weighed": "reliability",
    r"parting|(runs?|it|they|first) parts?(?! of)|parts? from": "first difference",
    r"the arms?|arms: |shuffled arms": "ablations",
    r"bare question": "text-only",
    r"altered": "perturbed",
    r"(the|its) turning": "rotation",
    r"surveys?": "demux, stream information",
    r"backdrops?": "background model",
    r"blobs?": "components",
    r"sought": "searched for",
    r"come by|came by": "strategy, how a question is answered",
    r"(the|its) notes|notes of a program": "probes",
    r"refusals": "denied calls",
}
"""Words that stood for what the field has a word for, in the sense that is private.

Left out on purpose: "asked for", "part of", "wall clock", the red wall behind a red car, drawing a
figure, reading order: there the words mean what they mean everywhere. The rules' own vocabulary
is the English of questions: of vprog/rules/ the docstrings alone count.
"""


def _prose(path: Path, nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    """Docstrings, help and messages of a file: its texts of more than one word."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if path.is_relative_to(ROOT / "vprog" / "rules"):
        for node in nodes:
            if isinstance(node, documented) and (text := ast.get_docstring(node)):
                yield text, getattr(node, "lineno", 1)
        return
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value, node.lineno


def test_house_private_words_are_gone_from_docstrings_help_and_messages() -> None:
    pattern = re.compile("|".join(rf"\b(?:{word})(?![\w])" for word in PRIVATE))
    hits = [
        f"{_where(path, line)}: {match.group()}"
        for path in _files(*SOURCES)
        for text, line in _read(path).prose
        for match in pattern.finditer(" ".join(text.split()))
    ]
    assert len(hits) <= PRIVATE_WORDS, "\n".join(hits)


# Clocks

_CLOCKS = {
    name + unit
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
    for unit in ("", "_ns")
}
"""Those of the processor too: a busy machine makes the same work take twice as much of it."""


def _reads_clock(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression reads the wall clock, or a name that holds what it read."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in _CLOCKS
         and isinstance(part.value, ast.Name) and part.value.id == "time")
        or (isinstance(part, ast.Name) and part.id in names)
        for part in ast.walk(node)
    )  # fmt: skip


def wall_clock_asserts(nodes: list[ast.AST]) -> list[int]:
    """The lines of assertions that compare times of the wall clock."""
    lines = []
    for function in nodes:
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _reads_clock(node.value, names):
                names.update(
                    name.id
                    for target in node.targets
                    for name in ast.walk(target)
                    if isinstance(name, ast.Name)
                )
        for node in ast.walk(function):
            if isinstance(node, ast.Assert) and any(
                isinstance(part, ast.Compare)
                and not all(isinstance(operator, ast.In | ast.NotIn) for operator in part.ops)
                and _reads_clock(part, names)
                for part in ast.walk(node.test)
            ):
                lines.append(node.lineno)
    return lines


def test_house_no_test_asserts_on_the_wall_clock() -> None:
    hits = [
        _where(path, line) for path in _files("tests") for line in _read(path).wall_clock_asserts
    ]
    assert len(hits) <= WALL_CLOCK, hits


def test_house_finds_a_planted_wall_clock_assertion() -> None:
    planted = """
def test_quick():
    started = time.monotonic()
    work()
    took = time.monotonic() - started
    assert took < 1
    assert len(results) == 3
    assert time.time() - started < 5
"""
    assert wall_clock_asserts(list(ast.walk(ast.parse(planted)))) == [6, 8]


# Quick tests


def test_house_the_quick_tests_reach_the_folders_and_name_only_files_that_are_there() -> None:
    tests = ROOT / "tests"
    assert [name for name in NOT_QUICK if not (tests / name).is_file()] == []
    files = set(tests.rglob("test_*.py"))
    quick = {path.parent for path in files - {tests / name for name in NOT_QUICK}}
    slow = {tests / "real"}
    attacks = {tests / "reliability"}  # processes of their own
    assert {path.parent for path in files} - quick - attacks == slow
