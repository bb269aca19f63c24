from __future__ import annotations

import pytest

from vprog.config import load_settings
from vprog.errors import LlmUnreachableError
from vprog.program.problem import Problem
from vprog.prompt.solved_examples import Example, load_examples
from vprog.solver.solver import shared
from vprog.strategies.example_refinement import (
    RefinedExamples,
    program_check,
    refine_examples,
    rewritten,
)

FIRST = Example("How many?", "answer(1)\n", frozenset())
PROBING = Example("How many?", "x = probe(video)\nanswer(1)\n", frozenset({"probe"}))
SECOND = Example("Which?", "answer('a')\n", frozenset())


def check(program: str) -> list[Problem]:
    return [Problem(1, "it is bad")] if "bad" in program else []


class Scripted:
    """Gives rewritings in order, and keeps what it saw."""

    def __init__(self, *rounds: list[str] | Exception | None) -> None:
        self._rounds = list(rounds)
        self.seen: list[RefinedExamples] = []

    def __call__(self, before: RefinedExamples) -> list[str] | None:
        self.seen.append(before)
        given = self._rounds.pop(0)
        if isinstance(given, Exception):
            raise given
        return given


def refine(rewrite: Scripted, *examples: Example, rounds: int = 5) -> RefinedExamples:
    return refine_examples(examples, rewrite, check=check, modules=set(), rounds=rounds)


def programs(refined: RefinedExamples) -> list[str]:
    return [example.program for example in refined.examples]


def test_it_stops_when_nothing_changes() -> None:
    rewrite = Scripted(["answer(2)\n", SECOND.program], ["answer( 2 )  # same", "answer('a')"])
    refined = refine(rewrite, FIRST, SECOND)
    assert programs(refined) == ["answer(2)\n", SECOND.program]
    assert (refined.rounds, refined.is_settled) == (2, True)
    assert [example.question for example in refined.examples] == ["How many?", "Which?"]


def test_a_broken_rewriting_keeps_the_last_good_form_and_goes_back() -> None:
    rewrite = Scripted(["answer(2)"], ["bad"], ["answer(3)"], ["answer(3)"])
    refined = refine(rewrite, FIRST)
    assert (programs(refined), refined.rounds, refined.is_settled) == (["answer(3)"], 4, True)
    assert [program.program for program in rewrite.seen[2].refused] == ["bad"]
    assert programs(rewrite.seen[2]) == ["answer(2)"]
    stubborn = refine(Scripted(*[["bad"]] * 2), FIRST, rounds=2)
    assert (programs(stubborn), stubborn.is_settled) == ([FIRST.program], False)


def test_rounds_failures_and_nothing_to_rewrite_end_it() -> None:
    moving = Scripted(["answer(2)"], ["answer(3)"])
    assert refine(moving, FIRST, rounds=2).is_settled is False
    gone = refine(Scripted(["answer(2)"], LlmUnreachableError("gone.")), FIRST)
    assert (programs(gone), gone.rounds) == (["answer(2)"], 1)
    unreadable = refine(Scripted(None, [FIRST.program]), FIRST)
    assert (unreadable.rounds, unreadable.is_settled) == (2, True)
    nothing = Scripted()
    assert refine(nothing).is_settled
    assert nothing.seen == []


def test_another_number_of_programs_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zip"):
        refine(Scripted(["answer(1)", "answer(2)"]), FIRST)


def test_the_walls_check_examples_without_running_them(tmp_path: object) -> None:
    settings = load_settings({"cache_dir": tmp_path}, environment={})
    with shared.runtimes.lend(settings) as runtime:
        check_program = program_check(runtime.pool, set(runtime.modules))
        usable = [example for example in load_examples() if example.tasks <= set(runtime.modules)]
        assert [check_program(example.program) for example in usable[:5]] == [()] * 5
        assert "detct" in check_program("x = detct(video)\nanswer(1)\n")[0].message
        assert check_program("x = frame_at(video, 'late')\nanswer(1)\n")
        assert check_program("x = 1\n")  # it never ends


def test_layout_is_no_change_and_tasks_follow_the_program() -> None:
    assert rewritten(PROBING, "x = probe( video )  # same\nanswer(1)", {"probe"}) is PROBING
    changed = rewritten(PROBING, "y = find_shots(video)\nanswer(len(y))", {"probe", "find_shots"})
    assert (changed.question, changed.tasks) == (PROBING.question, frozenset({"find_shots"}))
    assert rewritten(PROBING, "not Python (", {"probe"}).tasks == frozenset()
