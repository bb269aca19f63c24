"""Program: parsed once, carried from a reply to the run; what is read off its tree."""

from __future__ import annotations

import ast
from collections import Counter
from typing import Any

import pytest

from tests.program.parses import count_parses
from vprog.errors import ProgramRejectedError
from vprog.program.program import Program


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was parsed."""
    return count_parses(monkeypatch)


def test_program_is_parsed_once_whatever_is_asked_of_it(parsed: Counter[str]) -> None:
    program = Program("x = len(videos)\nanswer(x)\n")
    assert program.is_ending
    assert program.names == {"x"}
    assert program.canonical == Program("x=len(videos) # so many\nanswer(x)").canonical
    assert isinstance(program.copied_tree(), ast.Module)
    assert parsed[program.text] == 1


def test_program_that_is_not_python_is_parsed_once_too(parsed: Counter[str]) -> None:
    program = Program("x = (\n")
    for _ in range(2):
        with pytest.raises(ProgramRejectedError, match="line 1: not valid Python"):
            _ = program.tree
    assert program.syntax_error is not None
    assert program.canonical == "x = ("
    assert parsed[program.text] == 1


def test_program_copies_of_a_tree_are_apart() -> None:
    program = Program("x = [1, 2]\nx[0] += f(x)\n")
    copied = program.copied_tree()
    assert ast.dump(copied, include_attributes=True) == ast.dump(
        program.tree, include_attributes=True
    )
    copied.body[0] = ast.Pass()
    for node in ast.walk(copied):
        if isinstance(node, ast.Name):
            node.id = "y"
    assert program.reads == {"x", "f"}
    assert len(program.tree.body) == 2
    assert {node.id for node in ast.walk(program.tree) if isinstance(node, ast.Name)} == {"x", "f"}


def test_program_names_what_it_binds_and_calls() -> None:
    program = Program(
        "import math as m\nfrom itertools import chain\nkey = lambda v: v\n"
        "def f(a):\n    b = detect(a)\n    return b\nc = f(f(1))\nif c: abstain('no')\n"
    )
    assert program.names == {"m", "chain", "key", "f", "c"}
    assert program.bound == {"m", "chain", "key", "f", "c", "v", "a", "b"}
    assert program.functions == {"m", "chain", "key", "f"}
    assert program.imports == {"m": "math"}
    assert program.from_names == {"chain": "itertools.chain"}
    assert program.called == ("detect", "f", "abstain")
    assert program.is_ending


def test_program_of_joined_cells_knows_their_lines() -> None:
    joined = Program.join(["a = 1\n", "b = 2\r\nc = 3", Program("d = 4\n")])
    assert joined.text == "a = 1\nb = 2\nc = 3\nd = 4\n"
    assert [joined.position(line) for line in (1, 2, 3, 4)] == [(0, 1), (1, 1), (1, 2), (2, 1)]
    assert joined.line_of(1, 2) == 3


def test_program_of_one_cell_joined_is_that_cell() -> None:
    cell = Program("a = 1\n")
    assert Program.join([cell]) is cell
    assert Program.join([Program("a = 1")]).text == "a = 1\n"
    assert Program.join([]).text == ""


def test_program_of_cells_joined_may_use_the_size_of_each() -> None:
    cell = "x = '" + "a" * 15_000 + "'\n"
    assert len(Program.join([cell, cell]).tree.body) == 2
    with pytest.raises(ProgramRejectedError, match="bytes"):
        _ = Program(cell + cell).tree


def test_every_text_between_gate_and_run_is_parsed_once(ask: Any, parsed: Counter[str]) -> None:
    executor = ask().executor
    first = Program("import math\nn = 2\nmax = math.floor(2.5)\n")
    second = Program("answer(n + max)\n")
    outcome = executor.run(executor.begin(), first)
    assert outcome.state is not None
    assert executor.run(outcome.state, second).value == 4
    both = Program.join([first, second])
    assert {text: parsed[text] for text in (first.text, second.text, both.text)} == {
        first.text: 1,
        second.text: 1,
        both.text: 1,
    }


def test_texts_are_those_written_out_and_no_parts_of_others() -> None:
    program = Program('a = "one" "two"\nb = f"part {a}"\nc = ["three", {"four": "five" + a}]\n')
    assert program.texts == {"onetwo", "three", "four", "five"}
