from __future__ import annotations

import contextlib
import unicodedata
import warnings

import pytest

from tests.program.corpus import MODULES, load
from tests.program.derive import Derivation, Judge
from tests.program.gbnf_reader import plain, read_gbnf
from tests.program.world import signatures
from tests.vocabulary import shipped_signatures
from vprog.errors import ProgramRejectedError
from vprog.program.gate import find_problems
from vprog.program.grammar.program_grammar import program_grammar
from vprog.program.grammar.terminals import _PRINTED
from vprog.program.program import Program
from vprog.prompt.extract import extract_program
from vprog.prompt.solved_examples import Example, load_examples

GRAMMAR = program_grammar(signatures().values(), fenced=False)


@pytest.fixture(scope="module")
def judge() -> Judge:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    return Judge(GRAMMAR.lark)


@pytest.mark.parametrize(
    "seed", [*range(40), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(40, 200))]
)
def test_grammar_derives_programs_that_parse_and_name_what_exists(seed: int) -> None:
    program = Program(Derivation(GRAMMAR.rules, seed, size=300).text())
    unknown = [
        problem.message
        for problem in find_problems(program, modules=MODULES, must_end=True)
        # What a grammar cannot say: which variables and imports came before.
        if not any(part in problem.message for part in _UNSAID)
    ]
    assert unknown == []
    existing = {name for name in program.called if not name.startswith("my_")}
    assert find_problems(_calls(existing), modules=MODULES) == []


_UNSAID = ("is not defined", "is not imported", 'no value has "')


def _calls(names: set[str]) -> str:
    imported = "from collections import Counter, defaultdict\n"
    return imported + "\n".join(f"{name}" for name in sorted(names)) + "\npass\n"


@pytest.mark.slow
def test_grammar_derives_python_at_any_length() -> None:
    too_deep = 0
    for seed in range(1000, 1060):
        program = Derivation(GRAMMAR.rules, seed, size=2000).text()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of constants that are called or compared
            compile(program, "<program>", "exec")
        with contextlib.suppress(ProgramRejectedError):
            _ = Program(program).tree
            continue
        too_deep += 1  # the gate's own limit, far below Python's
    assert too_deep <= 12


@pytest.mark.slow
def test_lark_is_read_by_llguidance_and_has_what_is_derived(judge: Judge) -> None:
    assert judge.problem == ""
    for seed in range(60):
        assert judge.refusal(Derivation(GRAMMAR.rules, seed).text()) == ""


def test_gbnf_read_back_is_what_was_meant() -> None:
    names = {each.lower().replace("_", "-"): node for each, node in GRAMMAR.rules.items()}
    assert len(names) == len(GRAMMAR.rules)
    assert read_gbnf(GRAMMAR.gbnf) == {name: plain(node) for name, node in names.items()}


def test_every_rule_of_the_grammar_exists_and_is_used() -> None:
    rules = read_gbnf(GRAMMAR.gbnf)
    used = {"root"}
    for line in GRAMMAR.gbnf.splitlines():
        body = line.partition(" ::= ")[2]
        used |= {rule for rule in rules if rule in body}
    assert used == set(rules)


@pytest.mark.slow
@pytest.mark.parametrize("example", load_examples(), ids=lambda each: each.question)
def test_grammar_has_every_example(example: Example) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    assert _shipped().refusal(example.program.lstrip("\n")) == ""


def _shipped() -> Judge:
    if not _JUDGES:
        _JUDGES.append(Judge(program_grammar(shipped_signatures(), fenced=False).lark))
    return _JUDGES[0]


_JUDGES: list[Judge] = []


@pytest.mark.slow
def test_grammar_has_the_honest_programs_of_its_part(judge: Judge) -> None:
    kept = [line.name for line in load() if not judge.refusal(line.text)]
    assert len(kept) >= 80, kept


@pytest.mark.parametrize(
    "program",
    [
        "answer(detct(video))\n",
        "answer(1)\nx = 1\n",
        "answer(1)\nanswer(2)\n",
        "import os\nanswer(1)\n",
        "answer(video.pixels)\n",
        "answer(detect(frame))\n",
        'answer(detect(frame, "dog", score=1))\n',
        'answer(detect(frame, "dog", min_score=0.1, min_score=0.2))\n',
        "for x in y:\n    pass\n",
        "return 1\nanswer(1)\n",
        "break\nanswer(1)\n",
        "if x:\nanswer(1)\n",
        "   answer(1)\n",
        "x = [,\n]\nanswer(1)\n",
        "class = 1\nanswer(1)\n",
        "a, b += 1\nanswer(1)\n",
        'answer(f"{x")\n',
        "answer(1",
        "answer(eval(question))\n",
        "x = [*y for y in z]\nanswer(1)\n",
        "def detect(x):\n    return x\nanswer(1)\n",
    ],
)
def test_grammar_has_no_program_that_is_wrong(judge: Judge, program: str) -> None:
    assert judge.refusal(program) != ""


def test_fenced_reply_holds_its_program() -> None:
    grammar = program_grammar(signatures().values())
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    judge = Judge(grammar.lark)
    program = 'people = detect(frame_at(video, 7), "person")\nanswer(len(people))\n'
    reply = f"```python\n{program}```"
    assert judge.refusal(reply) == ""
    assert extract_program(reply).text == program
    assert judge.refusal(program) != ""


def test_texts_hold_no_character_that_the_gate_refuses() -> None:
    hidden = [
        chr(code)
        for low, high in _PRINTED
        for code in range(ord(low), ord(high) + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    ]
    assert hidden == []
