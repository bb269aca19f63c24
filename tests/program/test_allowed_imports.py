"""What may be imported: every place that must know it agrees with the one table."""

from __future__ import annotations

import importlib

import pytest

from vprog.program.allowed_imports import (
    COLLECTIONS,
    IMPORTABLE,
    LIBRARIES,
    importable_text,
    where_from,
)
from vprog.program.gate import find_problems
from vprog.program.grammar.program_grammar import program_grammar
from vprog.program.lowering.lower import lower
from vprog.prompt.program_prompt import build_prompt
from vprog.sandbox.monty import NO_IMPORT
from vprog.types import Video

VIDEO = Video(0, 10.0, 640, 480, 25.0, 250, True, True)


@pytest.mark.parametrize("module", IMPORTABLE)
def test_every_name_of_the_table_exists_in_python_and_passes_the_gate(module: str) -> None:
    for name in IMPORTABLE[module].names:
        assert hasattr(importlib.import_module(module), name)
        assert find_problems(f"from {module} import {name} as x\n", modules=()) == []
    assert find_problems(f"from {module} import no_such_name\n", modules=()) != []


@pytest.mark.parametrize("module", IMPORTABLE)
def test_import_by_the_module_alone_follows_the_table(module: str) -> None:
    refused = find_problems(f"import {module}\n", modules=())
    assert bool(refused) == IMPORTABLE[module].by_from


@pytest.mark.parametrize("module", IMPORTABLE)
def test_lowering_drops_the_imports_that_are_for_annotations(module: str) -> None:
    name = min(IMPORTABLE[module].names)
    source = lower(f"from {module} import {name}\n", modules=(), probes=False).source
    assert ("import" in source) == (not IMPORTABLE[module].is_typing)


def test_grammar_imports_and_calls_what_the_table_has() -> None:
    gbnf = program_grammar([]).gbnf
    for module in LIBRARIES:
        assert f'"import {module}"' in gbnf
        assert f'"{module}."' in gbnf
    for name in COLLECTIONS:
        assert name in gbnf


def test_prompt_refusals_and_the_answer_to_a_denied_import_say_the_same() -> None:
    text = importable_text()
    assert text == "math, re, itertools, typing, collections (Counter, defaultdict)"
    prompt = build_prompt("How many?", signatures=[], videos=[VIDEO], facts=())
    assert text in prompt.messages[0].text
    assert text in NO_IMPORT
    (problem,) = find_problems("import os\n", modules=())
    assert text in problem.message


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Counter", " Add: from collections import Counter"),
        ("floor", " Add: from math import floor"),
        ("e", ""),
        ("frames", ""),
    ],
)
def test_a_name_that_a_module_offers_is_told_where_from(name: str, advice: str) -> None:
    assert where_from(name) == advice
